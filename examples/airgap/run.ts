/**
 * `npm run airgap`: over an air gap on a disk, with embedded parts. Outside, a source registry gives a chart's images, and
 * `chart-mirror save` puts them into one archive. Then the network is cut: what follows runs in a network namespace without
 * a route (Linux, where this user may make one), else the source is stopped. Inside, `chart-mirror load` fills a mirror, and
 * the program in ./index.ts is previewed and updated from archive and mirror alone; the request logs of both registries
 * show it.
 */
import { execFile, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { startRegistry } from "../../test/support/registry";
import { pushQuickstartImages } from "../quickstart/embeddedRegistries";
import { quickstartImages } from "../quickstart/images";
import { findOrInstallTools } from "../quickstart/tools";

const CHECKOUT = resolve(__dirname, "../..");
const say = (line: string): void => console.log(`airgap: ${line}`);

async function airgap(folder: string, deploy: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  const images = quickstartImages();
  const path = await findOrInstallTools(say);
  const env = {
    ...process.env,
    PATH: [...path, process.env.PATH].join(delimiter),
    DOCKER_CONFIG: join(folder, "docker"),
  };
  const source = await startRegistry({ auth: { scheme: "basic", users: { reader: "outside" } } });
  try {
    await pushQuickstartImages(source, images);
    await mkdir(env.DOCKER_CONFIG, { recursive: true });
    const auth = Buffer.from("reader:outside").toString("base64");
    await writeFile(join(env.DOCKER_CONFIG, "config.json"), JSON.stringify({ auths: { [source.host]: { auth } } }));
    const registries = join(folder, "registries.yaml");
    const entry = (host: string): string => `- { host: ${host}, location: "${source.host}", plainHttp: true }\n`;
    await writeFile(registries, ["quay.io", "ghcr.io", "docker.io"].map(entry).join(""));

    say(`outside: the source registry ${source.host} asks for a login`);
    const bundle = join(folder, "shop.tar");
    const digest = images.find(({ repository }) => repository === "shop/migrations")?.image.digest ?? "";
    const chart = join(CHECKOUT, "examples/quickstart/chart");
    const set = ["--set", `migrations.image.digest=${digest}`];
    await run(
      process.execPath,
      [join(CHECKOUT, "bin/chart-mirror"), "save", chart, ...set, "--out", bundle, "--registries", registries],
      env,
    );
    const asked = source.requests.all.length;
    say(`the source was asked ${asked} times; now the network is cut`);

    const cut = await networkNamespace();
    if (cut === undefined) {
      say("this user may not make a network namespace: the source is stopped instead");
      await source.close();
    }
    const inside = [process.execPath, "--require", "./test/support/typescript.js", "examples/airgap/inside.ts"];
    const [program = "", ...args] = [...(cut ?? []), ...inside, folder, source.host, digest, String(deploy)];
    await run(program, args, env);
    if (source.requests.all.length !== asked) throw new Error("the source registry was asked from inside");
    say(`the source was asked nothing more: ${asked} requests, all of them from outside`);
  } finally {
    await source.close().catch(() => undefined);
  }
}

/** How a command is run without any network but its own loopback; undefined where this user may not. */
async function networkNamespace(): Promise<string[] | undefined> {
  const script = 'ip link set lo up && exec "$@"';
  for (const flags of [["--net"], ["--user", "--map-root-user", "--net"]]) {
    const command = ["unshare", ...flags, "--", "sh", "-c", script, "sh"];
    const [program = "", ...args] = command;
    const made = await promisify(execFile)(program, [...args, "true"]).then(
      () => true,
      () => false,
    );
    if (made) return command;
  }
  return undefined;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(program, args, { cwd: CHECKOUT, env, stdio: "inherit" });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(`${program} ended with ${code}`))));
  });
}

const { values } = parseArgs({
  options: { deploy: { type: "boolean", default: false }, folder: { type: "string", default: ".airgap" } },
});
airgap(resolve(values.folder), values.deploy).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
