/** What nodes make of the configuration: read by the code that K3s and containerd themselves read it with. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { formatReference, parseReference } from "../../src/image/reference";
import { containerdHosts } from "../../src/kubernetes/nodeConfiguration/containerdHosts";
import { K3S_FOLDER, k3sRegistries } from "../../src/kubernetes/nodeConfiguration/k3sRegistries";
import type { NodeConfiguration, NodeFiles } from "../../src/kubernetes/nodeConfiguration/nodeConfiguration";
import { targetReference, targetRepository } from "../../src/plan/layout";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";
import { runCommand } from "../support/tools/command";

const LOGIN = { username: "puller", password: "yes: 0777 # '\"" };
const AUTH: RegistryOptions = { auth: { scheme: "basic", users: { [LOGIN.username]: LOGIN.password } } };
const image = makeImage();

let k3sResolve: string;
let containerdResolve: string;
let scratch: string;
let registry: TestRegistry;

beforeAll(async () => {
  k3sResolve = await ensureTool("k3s-resolve");
  containerdResolve = await ensureTool("containerd-resolve");
}, 10 * 60_000);
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "node-configuration-"));
});
afterEach(async () => {
  await registry.close();
  rmSync(scratch, { recursive: true });
});

interface Layout {
  readonly path?: string;
  readonly keepHost?: boolean;
}

/** A registry that has the image where the layout puts it, and the nodes' configuration for it. */
async function mirrorOf(source: string, { path, keepHost = false }: Layout, options: RegistryOptions = {}) {
  registry = await startRegistry(options);
  const reference = parseReference(source);
  const mirror = { host: registry.host, ...(path !== undefined && { path }) };
  await pushImage(registry, `${targetRepository(reference, mirror, { keepHost })}:${reference.tag}`, image);
  const configuration: NodeConfiguration = {
    mirror,
    layout: { keepHost },
    upstreams: [reference.registry],
    ...(registry.ca === undefined ? { plainHttp: true } : { caCertificate: registry.ca }),
    ...(options.auth && { login: LOGIN }),
  };
  // The kubelet hands names over in their canonical form.
  return { configuration, asked: [formatReference(reference), targetReference(reference, mirror, { keepHost })] };
}

function write(files: NodeFiles): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(scratch, path);
    mkdirSync(dirname(file), { recursive: true });
    // On a node the CA is in K3s's own folder.
    writeFileSync(file, text.replaceAll(K3S_FOLDER, scratch));
  }
}

/** Without the logins of the machine that runs the test, and with no way to registries outside it. */
function resolve(tool: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_CONFIG: scratch, HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" };
  return runCommand(tool, args, { env }).then((text) => text.trim());
}
const k3s = (asked: string): Promise<string> => resolve(k3sResolve, join(scratch, "registries.yaml"), asked);
const containerd = (asked: string): Promise<string> => resolve(containerdResolve, scratch, asked);

const LAYOUTS: readonly Layout[] = [{ path: "team/mirror" }, { keepHost: true }, { path: "team", keepHost: true }];
const TRANSPORTS: readonly [string, RegistryOptions][] = [
  ["http", {}],
  ["an own CA", { tls: true }],
];
const cases = (sources: readonly string[], layouts: readonly Layout[]) =>
  sources.flatMap((source) =>
    layouts.flatMap((layout) => TRANSPORTS.map(([name, options]) => ({ source, layout, name, options }))),
  );

describe("K3s", () => {
  // A mirror without path and hosts is left out for official images: wharfie, which here asks for the image, puts
  // library/ before their bare name once more, whereas containerd on the node does not.
  test.each([
    ...cases(["nginx:1", "docker.io/team/app:1", "quay.io/team/app:1"], LAYOUTS),
    ...cases(["docker.io/team/app:1", "quay.io/team/app:1"], [{}]),
  ])("finds $source over $name with a login in $layout", async ({ source, layout, options }) => {
    const { configuration, asked } = await mirrorOf(source, layout, { ...options, ...AUTH });
    write(k3sRegistries(configuration));
    for (const reference of asked) expect(await k3s(reference)).toBe(image.digest);
  });

  test("is refused without the login, the CA, or the upstream", async () => {
    const { configuration, asked } = await mirrorOf("quay.io/team/app:1", { path: "p" }, { tls: true, ...AUTH });
    const { login: _login, ...withoutLogin } = configuration;
    const { caCertificate: _ca, ...withoutCa } = configuration;
    write(k3sRegistries(withoutLogin));
    await expect(k3s(asked[0] as string)).rejects.toThrow(/UNAUTHORIZED/);
    write(k3sRegistries(withoutCa));
    await expect(k3s(asked[0] as string)).rejects.toThrow(/certificate signed by unknown authority/);
    write(k3sRegistries({ ...configuration, upstreams: [] }));
    await expect(k3s(asked[0] as string)).rejects.toThrow(/proxyconnect/);
  });

  test("has its file read strictly: a key that it does not know is an error", async () => {
    const { configuration } = await mirrorOf("quay.io/team/app:1", {});
    write(k3sRegistries(configuration));
    const file = join(scratch, "registries.yaml");
    await resolve(k3sResolve, file);
    writeFileSync(file, "mirror: {}\n");
    await expect(resolve(k3sResolve, file)).rejects.toThrow(/field mirror not found/);
  });
});

describe("containerd", () => {
  test.each(cases(["docker.io/library/nginx:1", "docker.io/team/app:1", "quay.io/team/app:1"], [{}, ...LAYOUTS]))(
    "finds $source over $name in $layout",
    async ({ source, layout, options }) => {
      const { configuration, asked } = await mirrorOf(source, layout, options);
      write(containerdHosts(configuration));
      for (const reference of asked) expect(await containerd(reference)).toBe(image.digest);
    },
  );

  test("is refused without the CA or the upstream", async () => {
    const { configuration, asked } = await mirrorOf("quay.io/team/app:1", { path: "p" }, { tls: true });
    const { caCertificate: _ca, ...withoutCa } = configuration;
    write(containerdHosts(withoutCa));
    await expect(containerd(asked[1] as string)).rejects.toThrow(/certificate signed by unknown authority/);
    rmSync(join(scratch, "quay.io"), { recursive: true });
    await expect(containerd(asked[0] as string)).rejects.toThrow(/proxyconnect/);
  });
});
