import { load } from "js-yaml";
import { k3sRegistries } from "../../../src/kubernetes/nodeConfiguration/k3sRegistries";
import type { NodeConfiguration } from "../../../src/kubernetes/nodeConfiguration/nodeConfiguration";

const PLAIN: NodeConfiguration = { mirror: { host: "registry.test:8083" }, layout: {}, upstreams: [] };

interface Registries {
  mirrors: Record<string, { endpoint: string[]; rewrite?: Record<string, string> }>;
  configs?: unknown;
}
const read = (configuration: NodeConfiguration): Registries =>
  load(k3sRegistries(configuration)["registries.yaml"] ?? "") as Registries;

/** The one rule of a mirror as Go's `ReplaceAllString` applies it; its syntax is JavaScript's as far as it is used. */
function rewritten(registries: Registries, host: string, repository: string): string {
  const rules = Object.entries(registries.mirrors[host]?.rewrite ?? {});
  expect(rules.length).toBeLessThanOrEqual(1);
  return rules.reduce((path, [pattern, replacement]) => path.replace(new RegExp(pattern), replacement), repository);
}

test("an http registry with a login, as the guide of Appcircle has it for K3s", () => {
  expect(
    read({ ...PLAIN, plainHttp: true, login: { username: "puller", password: "superSecretRegistryPassword" } }),
  ).toEqual({
    mirrors: { "registry.test:8083": { endpoint: ["http://registry.test:8083"] } },
    configs: { "registry.test:8083": { auth: { username: "puller", password: "superSecretRegistryPassword" } } },
  });
});

test("a registry over TLS without login needs no more than its endpoint", () => {
  expect(read(PLAIN)).toEqual({ mirrors: { "registry.test:8083": { endpoint: ["https://registry.test:8083"] } } });
});

test("a CA goes into a file of its own, which the node finds by its whole path", () => {
  const files = k3sRegistries({ ...PLAIN, caCertificate: "PEM" });
  expect(Object.keys(files)).toEqual(["registries.yaml", "chart-mirror-ca.crt"]);
  expect(files["chart-mirror-ca.crt"]).toBe("PEM");
  expect(load(files["registries.yaml"] ?? "")).toMatchObject({
    configs: { "registry.test:8083": { tls: { ca_file: "/etc/rancher/k3s/chart-mirror-ca.crt" } } },
  });
});

test("nothing is ever left unverified", () => {
  for (const configuration of [PLAIN, { ...PLAIN, plainHttp: true }, { ...PLAIN, caCertificate: "PEM" }])
    expect(k3sRegistries(configuration)["registries.yaml"]).not.toMatch(/insecure/);
});

test("http has no CA", () => {
  expect(Object.keys(k3sRegistries({ ...PLAIN, plainHttp: true, caCertificate: "PEM" }))).toEqual(["registries.yaml"]);
});

test.each([
  "yes",
  "0777",
  "1e3",
  "12:30:45",
  "~",
  " x ",
  "a: b # c",
  "'\"\\",
  '{"type":"service_account"}',
  "two\nlines",
])("the password %j stays the text that it is", (password) => {
  expect(read({ ...PLAIN, login: { username: "u", password } })).toMatchObject({
    configs: { "registry.test:8083": { auth: { password } } },
  });
});

describe("rewrites follow the layout", () => {
  // [path of the mirror, keepHost, upstream, what containerd asks for, where the mirror has it]
  test.each<[string | undefined, boolean, string, string, string]>([
    [undefined, false, "quay.io", "team/app", "team/app"],
    [undefined, false, "docker.io", "library/nginx", "nginx"],
    [undefined, false, "docker.io", "team/app", "team/app"],
    ["a/b", false, "quay.io", "team/app", "a/b/team/app"],
    ["a/b", false, "quay.io", "library/app", "a/b/library/app"],
    ["a/b", false, "docker.io", "library/nginx", "a/b/nginx"],
    ["a/b", false, "docker.io", "team/app", "a/b/team/app"],
    ["a/b", false, "docker.io", "team/library/app", "a/b/team/library/app"],
    ["a/b", false, "docker.io", "libraryteam/app", "a/b/libraryteam/app"],
    [undefined, true, "quay.io", "team/app", "quay.io/team/app"],
    [undefined, true, "docker.io", "library/nginx", "docker.io/nginx"],
    ["a", true, "r.test:5000", "team/app", "a/r.test_5000/team/app"],
    ["a", true, "docker.io", "team/app", "a/docker.io/team/app"],
  ])("path %s, keepHost %s: %s/%s is asked for as %s", (path, keepHost, host, repository, expected) => {
    const mirror = { host: "registry.test:8083", ...(path !== undefined && { path }) };
    const registries = read({ mirror, layout: { keepHost }, upstreams: [host] });
    expect(registries.mirrors[host]?.endpoint).toEqual(["https://registry.test:8083"]);
    expect(rewritten(registries, host, repository)).toBe(expected);
  });

  test("there is no rule where names are the same", () => {
    expect(read({ ...PLAIN, upstreams: ["quay.io"] }).mirrors["quay.io"]).not.toHaveProperty("rewrite");
  });

  test("the mirror is not its own upstream", () => {
    const { mirrors } = read({
      mirror: { host: "r.test", path: "p" },
      layout: {},
      upstreams: ["r.test", "quay.io", "quay.io"],
    });
    expect(Object.keys(mirrors)).toEqual(["r.test", "quay.io"]);
    expect(mirrors["r.test"]).not.toHaveProperty("rewrite");
  });
});
