/** What `npm run airgap` does behind the gap: there is an archive, and a mirror. */
import { execFile } from "node:child_process";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { MirroredImage } from "../../src";
import type { TestRegistry } from "../../test/support/registry";
import { portOf, startKept } from "../quickstart/embeddedRegistries";
import { quickstartImages } from "../quickstart/images";
import { Stack } from "../quickstart/stack";
import { verifyMirror } from "../quickstart/verifyMirror";

const CHECKOUT = resolve(__dirname, "../..");
const PASSWORD = "inside";
const say = (line: string): void => console.log(`airgap: ${line}`);

async function inside(folder: string, sourceHost: string, migrationsDigest: string, deploy: string): Promise<void> {
  say(`inside: addresses of this machine: ${addresses()}; ${sourceHost} ${await answer(sourceHost)}`);
  const mirror = await startMirror(folder);
  try {
    const docker = join(folder, "docker-inside");
    await mkdir(docker, { recursive: true });
    const auth = Buffer.from(`ci:${PASSWORD}`).toString("base64");
    await writeFile(join(docker, "config.json"), JSON.stringify({ auths: { [mirror.host]: { auth } } }));
    const bundle = join(folder, "shop.tar");
    const args = [join(CHECKOUT, "bin/chart-mirror"), "load", bundle, "--to", `${mirror.host}/team`, "--plain-http"];
    const loaded = await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, DOCKER_CONFIG: docker },
    });
    process.stdout.write(loaded.stdout + loaded.stderr);
    say(`the mirror ${mirror.host} was asked by load:`);
    tellRequests(mirror);
    mirror.requests.clear();

    const stack = await Stack.open(folder, "", join(CHECKOUT, "examples/airgap"));
    await stack.configure({ mirrorHost: mirror.host, bundle, migrationsDigest, deploy }, { mirrorPassword: PASSWORD });
    await stack.preview();
    await stack.up();
    const images = quickstartImages();
    await verifyMirror(mirror, images, await stack.output<MirroredImage[]>("images"));
    // What load has brought, the update found in place.
    const sent = mirror.requests.all.filter(({ method, status }) => method === "PUT" && status === 201);
    if (sent.length > 0) throw new Error("the update sent what load had brought");
    say(`all ${images.length} images verified; preview and update sent nothing, and asked the mirror alone:`);
    tellRequests(mirror);
  } finally {
    await mirror.close();
  }
}

const addresses = (): string =>
  Object.values(networkInterfaces())
    .flatMap((all) => all?.map(({ address }) => address) ?? [])
    .join(", ") || "none";

/** What a host says to a connection. */
function answer(host: string): Promise<string> {
  const { hostname, port } = new URL(`http://${host}`);
  return new Promise((done) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 5000 });
    const end = (words: string): void => {
      socket.destroy();
      done(words);
    };
    socket.on("connect", () => end("answers"));
    socket.on("timeout", () => end("is silent"));
    socket.on("error", (error: NodeJS.ErrnoException) => end(`cannot be reached (${error.code})`));
  });
}

/** On the same port in each run: the mirror's address is part of every image's name. */
async function startMirror(folder: string): Promise<TestRegistry> {
  const file = join(folder, "mirror.json");
  const port = await readFile(file, "utf8").then(Number, () => undefined);
  const mirror = await startKept(folder, "mirror", port, { ci: PASSWORD });
  await writeFile(file, String(portOf(mirror)));
  return mirror;
}

function tellRequests({ requests }: TestRegistry): void {
  const counts = new Map<string, number>();
  for (const { method, path } of requests.all) {
    const what = `${method} ${/\/(manifests|blobs|uploads|referrers|tags)\b/.exec(path)?.[1] ?? path}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  for (const [request, count] of counts) console.log(`  ${String(count).padStart(4)}  ${request}`);
}

const [folder = "", sourceHost = "", digest = "", deploy = "false"] = process.argv.slice(2);
inside(folder, sourceHost, digest, deploy).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
