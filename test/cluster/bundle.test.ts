/**
 * A chart goes over an air gap: saved into an archive while its registry is there, loaded where nothing but the mirror is, and
 * deployed by helm on a real node, which knows the mirror alone. What it runs, and could roll back to, survives a prune.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../src/cli/main";
import { containerdHosts } from "../../src/kubernetes/nodeConfiguration/containerdHosts";
import { serveRegistry, startCluster, type Cluster, type Finished } from "../support/cluster";
import { makeRunnableImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

jest.setTimeout(20 * 60_000);

const MIRROR = "registry.spacetech.test:8083";

let scratch: string;
let cluster: Cluster;
let helm: string;
const environment = { ...process.env };

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "bundle-"));
  helm = process.env.HELM = await ensureTool("helm");
  process.env.DOCKER_CONFIG = join(scratch, "docker");
  cluster = await startCluster({ hosts: ["registry.spacetech.test"], log: () => undefined });
});
afterAll(async () => {
  process.env = environment;
  await cluster?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const file = (name: string): string => join(scratch, name);

function write(name: string, text: string): string {
  mkdirSync(dirname(file(name)), { recursive: true });
  writeFileSync(file(name), text);
  return file(name);
}

/** The command of this package, on this side of the gap. */
async function outside(...args: string[]): Promise<string> {
  const said = { out: "", err: "" };
  const code = await main(args, { out: (text) => (said.out += text), err: (text) => (said.err += text) });
  if (code !== 0) throw new Error(`chart-mirror ${args.join(" ")}: ${said.err}`);
  return said.out;
}

async function inside(command: string, ...args: string[]): Promise<Finished> {
  const done = await cluster.exec(command, args, { env: { DOCKER_CONFIG: join(scratch, "docker") } });
  if (done.exitCode !== 0) throw new Error(`${command} ${args.join(" ")}: ${done.stderr}`);
  return done;
}

/** A chart of two images, of which one is a hook's. */
function chart(source: TestRegistry, version: number): string {
  const pod = (name: string): string =>
    `{ restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{ name: main, image: "{{ .Values.registry }}/shop/${name}:${version}" }] }`;
  write("shop/Chart.yaml", `apiVersion: v2\nname: shop\nversion: ${version}.0.0\n`);
  write("shop/values.yaml", `registry: ${source.host}\n`);
  write(
    "shop/templates/api.yaml",
    `apiVersion: v1\nkind: Pod\nmetadata: { name: api-${version} }\nspec: ${pod("api")}\n---\n` +
      `apiVersion: v1\nkind: PodTemplate\nmetadata: { name: warm-${version}, annotations: { helm.sh/hook: pre-rollback } }\n` +
      `template: { spec: ${pod("warm")} }\n`,
  );
  return file("shop");
}

it("runs from the archive and the mirror alone, and keeps through a prune what helm could roll back to", async () => {
  const source = await startRegistry();
  const binary = readFileSync(await ensureTool("pause"));
  for (const version of [1, 2, 3])
    for (const name of ["api", "warm"])
      await pushImage(source, `shop/${name}:${version}`, makeRunnableImage({ binary, seed: `${name} ${version}` }));
  const to = ["--to", `${MIRROR}/platform`];
  for (const version of [1, 2, 3]) {
    const from = ["--plain-http-source", source.host];
    await outside("save", chart(source, version), "--out", file(`${version}.tar`), ...to, ...from);
    write(`${version}.yaml`, await outside("values", chart(source, version), ...to));
  }
  await source.close();

  // Into the folder of the registry that the cluster will have.
  const filling = await startRegistry({ storage: { folder: file("mirror") } });
  const registries = write(
    "registries.yaml",
    JSON.stringify([{ host: MIRROR, location: filling.host, plainHttp: true }]),
  );
  for (const version of [1, 2, 3])
    await outside(
      "load",
      file(`${version}.tar`),
      ...to,
      "--registries",
      registries,
      "--lock-file",
      file(`${version}.lock`),
    );
  await filling.close();
  await serveRegistry(cluster, scratch, "mirror", { port: 8083 });
  const hosts = { mirror: { host: MIRROR, path: "platform" }, plainHttp: true, upstreams: [], layout: {} };
  for (const [path, text] of Object.entries(containerdHosts(hosts))) {
    mkdirSync(dirname(join(cluster.certsFolder, path)), { recursive: true });
    writeFileSync(join(cluster.certsFolder, path), text);
  }

  // Where the images came from is not there any more.
  const gone = await cluster.exec("curl", ["--max-time", "5", `http://${source.host}/v2/`]);
  expect(gone.exitCode).not.toBe(0);
  for (const version of [1, 2]) {
    const args = ["upgrade", "--install", "shop", chart(source, version), "--values", file(`${version}.yaml`)];
    await inside(helm, ...args, "--wait", "--timeout", "120s");
    await cluster.kubectl("wait", "--for=condition=Ready", `pod/api-${version}`, "--timeout=60s");
  }
  const pulled = await cluster.kubectl(
    "get", "events", "--field-selector=reason=Pulled", "-o", "jsonpath={.items[*].message}",
  ); // prettier-ignore
  expect(pulled.match(/"[^"]*\/shop\/api:\d"/g)?.sort()).toEqual([
    `"${MIRROR}/platform/shop/api:1"`,
    `"${MIRROR}/platform/shop/api:2"`,
  ]);

  // The third is what the lock file holds now; the first runs no more, but for helm.
  const prune = (...more: string[]): Promise<Finished> =>
    inside(
      process.execPath,
      join(__dirname, "../../bin/chart-mirror"),
      ...[
        "prune",
        ...to,
        "--plain-http",
        "--lock",
        file("3.lock"),
        "--ledger",
        file("1.lock"),
        "--ledger",
        file("2.lock"),
      ],
      ...["--kubeconfig", cluster.kubeconfig, "--keep-days", "0", "-o", "json", ...more],
    );
  const { removed, kept } = JSON.parse((await prune("--yes")).stdout) as Record<
    "removed" | "kept",
    { repository: string; tags: string[]; why: string[] }[]
  >;
  expect(removed).toEqual([]);
  const why = kept.find(({ repository, tags }) => repository === "platform/shop/warm" && tags[0] === "1")?.why;
  expect(why?.join()).toMatch(/revision 1 of the release default\/shop of the context /);

  await inside(helm, "rollback", "shop", "1", "--wait", "--timeout", "120s");
  await cluster.kubectl("wait", "--for=condition=Ready", "pod/api-1", "--timeout=60s");
  await inside(helm, "uninstall", "shop", "--wait");
  await cluster.kubectl("delete", "pods,podtemplates", "--all", "--wait=true");
  const after = JSON.parse((await prune("--yes")).stdout) as { removed: { repository: string; tags: string[] }[] };
  expect(after.removed.map(({ repository, tags }) => `${repository}:${tags.join()}`).sort()).toEqual([
    "platform/shop/api:1",
    "platform/shop/api:2",
    "platform/shop/warm:1",
    "platform/shop/warm:2",
  ]);
});
