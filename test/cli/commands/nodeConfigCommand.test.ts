import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { main } from "../../../src/cli/main";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

describe("chart-mirror node-config", () => {
  let folder: string;
  let caFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "node-config-"));
    caFile = join(folder, "ca.pem");
    await writeFile(caFile, PEM);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function run(args: string[], input: string[] = []): Promise<{ code: number; out: string; err: string }> {
    let out = "";
    let err = "";
    const streams = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
    // eslint-disable-next-line @typescript-eslint/require-await -- standard input is asynchronous, this one has all
    const stdin = (async function* () {
      yield* input;
    })();
    const code = await main(["node-config", ...args], streams, stdin);
    return { code, out, err };
  }
  const mode = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

  test("k3s takes the password from standard input and prints registries.yaml", async () => {
    const args = ["k3s", "--to", "registry.test:8083/team", "--plain-http", "--username", "puller", "--password-stdin"];
    const { code, out, err } = await run([...args, "--upstream", "quay.io", "index.docker.io"], ["super", "secret\n"]);
    expect({ code, err }).toEqual({
      code: 0,
      err: "put into /etc/rancher/k3s of every node, then restart k3s or k3s-agent\n",
    });
    const endpoint = ["http://registry.test:8083"];
    expect(loadAll(out)).toEqual([
      {
        mirrors: {
          "registry.test:8083": { endpoint },
          "docker.io": { endpoint, rewrite: { "^(?:library/)?(.*)$": "team/$1" } },
          "quay.io": { endpoint, rewrite: { "^(.*)$": "team/$1" } },
        },
        configs: { "registry.test:8083": { auth: { username: "puller", password: "supersecret" } } },
      },
    ]);
  });

  test("a file with a login is for its owner alone, one that was there before too", async () => {
    const file = join(folder, "registries.yaml");
    await writeFile(file, "old and longer than the new one".repeat(100));
    await chmod(file, 0o644);
    const { code, out } = await run(
      ["k3s", "--to", "r.test", "--username", "u", "--password-stdin", "--ca-file", caFile, "--out", folder],
      ["p"],
    );
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(await mode(file)).toBe(0o600);
    expect(await readFile(file, "utf8")).toMatch(/^mirrors:[^]*password: p\n[^]*chart-mirror-ca\.crt\n$/);
    expect(await readFile(join(folder, "chart-mirror-ca.crt"), "utf8")).toBe(PEM);
  });

  test("containerd writes a tree", async () => {
    const tree = join(folder, "certs.d");
    const { code, out } = await run([
      "containerd",
      "--to",
      "r.test:5000/p",
      "--keep-host",
      "--ca-file",
      caFile,
      "--upstream",
      "quay.io",
      "--out",
      tree,
    ]);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect((await readdir(tree, { recursive: true })).sort()).toEqual([
      "quay.io",
      "quay.io/ca.crt",
      "quay.io/hosts.toml",
      "r.test:5000",
      "r.test:5000/ca.crt",
      "r.test:5000/hosts.toml",
    ]);
    expect(await readFile(join(tree, "quay.io/hosts.toml"), "utf8")).toContain(
      '[host."https://r.test:5000/v2/p/quay.io"]',
    );
  });

  test("containerd prints each file below its name, says where the CA goes, and what it cannot do", async () => {
    const { out, err } = await run(["containerd", "--to", "r.test", "--ca-file", caFile, "--upstream", "docker.io"]);
    expect(out.match(/^# .*$/gm)).toEqual(["# r.test/hosts.toml", "# docker.io/hosts.toml"]);
    expect(out).not.toContain("CERTIFICATE");
    expect(err).toContain("r.test/ca.crt");
    expect(err).toMatch(/warning: containerd asks for library\/NAME/);
  });

  test("openshift merges with what the cluster has", async () => {
    const existing = join(folder, "cluster.yaml");
    await writeFile(
      existing,
      [
        "apiVersion: v1",
        "kind: List",
        "items:",
        "- apiVersion: config.openshift.io/v1",
        "  kind: Image",
        "  metadata: { name: cluster }",
        "  spec: { registrySources: { insecureRegistries: [old.test] } }",
      ].join("\n"),
    );
    const args = ["openshift", "--to", "r.test:5000", "--plain-http", "--upstream", "quay.io"];
    const { code, out } = await run([...args, "--existing", existing]);
    expect(code).toBe(0);
    expect(loadAll(out)).toMatchObject([
      { kind: "Image", spec: { registrySources: { insecureRegistries: ["old.test", "r.test:5000"] } } },
      { kind: "ImageDigestMirrorSet" },
      { kind: "ImageTagMirrorSet" },
    ]);
    expect((await run([...args, "--out", join(folder, "out")])).code).toBe(0);
    expect((await readdir(join(folder, "out"))).sort()).toEqual([
      "image.yaml",
      "imagedigestmirrorset.yaml",
      "imagetagmirrorset.yaml",
    ]);
  });

  test("openshift says so when there is nothing to configure", async () => {
    expect(await run(["openshift", "--to", "r.test"])).toEqual({
      code: 0,
      out: "",
      err: "nothing is to be configured: the nodes may pull from the mirror as they are\n",
    });
  });

  test("a plan gives the upstreams, and tells which of its images nodes will not find", async () => {
    const plan = join(folder, "plan.json");
    const images = [
      { source: "docker.io/library/nginx:1", target: "r.test/p/nginx:1" },
      { source: "quay.io/team/app:1", target: "r.test/p/team/app:1" },
      { source: "r.test/own:1", target: "r.test/own:1" },
    ];
    await writeFile(plan, JSON.stringify({ chart: {}, images }));
    const { code, out, err } = await run(["containerd", "--to", "r.test/p", "--plan", plan, "--upstream", "ghcr.io"]);
    expect(code).toBe(0);
    expect(out.match(/^# .*$/gm)).toEqual(
      ["r.test", "docker.io", "ghcr.io", "quay.io"].map((h) => `# ${h}/hosts.toml`),
    );
    expect(err.match(/^warning: .*$/gm)).toEqual([
      "warning: nodes look for docker.io/library/nginx:1 elsewhere than at r.test/p/nginx:1, and pull it from its source",
    ]);
    expect((await run(["k3s", "--to", "r.test/p", "--plan", plan])).err).not.toContain("warning");
  });

  test.each(["no JSON", "[]", "{}", '{"images":[{"source":"a"}]}', '{"images":[{"source":"A","target":"b"}]}'])(
    "refuses the plan %j",
    async (text) => {
      const plan = join(folder, "plan.json");
      await writeFile(plan, text);
      const { code, err } = await run(["k3s", "--to", "r.test", "--plan", plan]);
      expect(code).toBe(2);
      expect(err).toMatch(/reading the plan .*values --output json/);
    },
  );

  test.each<[string, string[], RegExp]>([
    ["an unknown runtime", ["docker", "--to", "r.test"], /Allowed choices are k3s, containerd, openshift/],
    ["no mirror", ["k3s"], /required option '--to/],
    ["a mirror with a scheme", ["k3s", "--to", "http://r.test"], /it has a scheme/],
    ["an upstream with a path", ["k3s", "--to", "r.test", "--upstream", "quay.io/team"], /not a registry host/],
    ["an upstream that is no host", ["k3s", "--to", "r.test", "--upstream", "quay"], /not a registry host/],
    ["a user without a password", ["k3s", "--to", "r.test", "--username", "u"], /need each other/],
    ["a password without a user", ["k3s", "--to", "r.test", "--password-stdin"], /need each other/],
    ["an empty password", ["k3s", "--to", "r.test", "--username", "u", "--password-stdin"], /standard input is empty/],
    ["a login for containerd", ["containerd", "--to", "r.test", "--username", "u", "--password-stdin"], /pull secret/],
    [
      "a CA that is not there",
      ["k3s", "--to", "r.test", "--ca-file", "/nowhere.pem"],
      /reading the certificate \/nowhere/,
    ],
    ["an existing object for k3s", ["k3s", "--to", "r.test", "--existing", "x"], /for openshift alone/],
    ["a plan that is not there", ["k3s", "--to", "r.test", "--plan", "/nowhere.json"], /reading the plan \/nowhere/],
    [
      "several mistakes at once",
      ["k3s", "--to", "r.test", "--plain-http", "--ca-file", "x", "--existing", "y"],
      /2 problems[^]*exclude each other[^]*openshift alone/,
    ],
  ])("answers %s with 2", async (_, args, message) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });

  test.each([
    ["no certificate", "hello", /no PEM certificate/],
    ["a private key", `${PEM}-----BEGIN PRIVATE KEY-----\ngeheim\n-----END PRIVATE KEY-----\n`, /private key in it/],
  ])("refuses a CA file with %s", async (_, text, message) => {
    await writeFile(caFile, text);
    const { code, err } = await run(["k3s", "--to", "r.test", "--ca-file", caFile]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).not.toContain("geheim");
  });

  test("refuses existing objects that are no YAML", async () => {
    const existing = join(folder, "broken.yaml");
    await writeFile(existing, "a: [");
    const { code, err } = await run(["openshift", "--to", "r.test", "--plain-http", "--existing", existing]);
    expect(code).toBe(2);
    expect(err).toMatch(/reading the existing objects/);
  });
});
