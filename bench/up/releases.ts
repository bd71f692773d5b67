import { createProject, type Project, type RunResult } from "../../test/support/engine";
import { makeImage, pushImage } from "../../test/support/images";
import { memoryCluster, type MemoryClusterHandle } from "../../test/support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../../test/support/registry";
import { median } from "../measure";
import { table } from "../table";
import { chartOfImages } from "./charts";

const IMAGES = 36;
const PLAIN = `
  import * as kubernetes from "@pulumi/kubernetes";
  new kubernetes.helm.v3.Release("web", { chart: "./chart", name: "web", namespace: "shop", createNamespace: true });
`;
const MIRRORED = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    plainHttp: true,
    credentials: { username: "ci", password: config.requireSecret("push") },
    pullCredentials: { username: "pods", password: config.requireSecret("pull") },
  });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  new MirroredRelease("web", {
    chart: "./chart", name: "web", namespace: "shop", createNamespace: true, registry, sourceAccess,
  });
`;

interface Runs {
  readonly up: number[];
  readonly preview: number[];
}

/** Registries and clusters in this process, projects of the real engine. */
class Releases {
  private constructor(
    readonly plain: Project,
    readonly mirrored: Project,
    private readonly clusters: readonly MemoryClusterHandle[],
    private readonly registries: readonly TestRegistry[],
  ) {}

  static async open(): Promise<Releases> {
    const [push, pull] = ["push", "pull"];
    const source = await startRegistry();
    const mirror = await startRegistry({ auth: { scheme: "basic", users: { ci: push, pods: pull } } });
    for (let i = 0; i < IMAGES; i++)
      await pushImage(source, `team/app-${i}:1`, makeImage({ layers: [{ size: 5000, seed: `app ${i}` }] }));
    const clusters = [await memoryCluster(), await memoryCluster()] as const;
    const chart = Object.fromEntries(
      Object.entries(chartOfImages(IMAGES)).map(([path, text]) => [`chart/${path}`, text]),
    );
    const [plain, mirrored] = await Promise.all([
      createProject({ program: { "index.ts": PLAIN, ...chart }, providers: [clusters[0].provider] }),
      createProject({
        program: { "index.ts": MIRRORED, ...chart },
        providers: [clusters[1].provider],
        config: {
          mirrorHost: mirror.host,
          sourceHost: source.host,
          push: { secret: push },
          pull: { secret: pull },
        },
      }),
    ]);
    await plain.up();
    await mirrored.up();
    if (mirror.requests.count({ method: "PUT", path: /\/manifests\// }) !== IMAGES)
      throw new Error(`the release did not copy its ${IMAGES} images`);
    return new Releases(plain, mirrored, clusters, [source, mirror]);
  }

  async close(): Promise<void> {
    for (const one of [this.plain, this.mirrored, ...this.clusters]) await one.dispose();
    for (const registry of this.registries) await registry.close();
  }
}

/** An unchanged `pulumi up` and a preview of a release with 36 images, over those of a plain release of its chart. */
export async function compareReleases(rounds: number): Promise<string> {
  const releases = await Releases.open();
  try {
    const plain: Runs = { up: [], preview: [] };
    const mirrored: Runs = { up: [], preview: [] };
    for (let round = 0; round < rounds; round++)
      for (const kind of ["up", "preview"] as const) {
        plain[kind].push(await secondsOf(() => releases.plain[kind]()));
        mirrored[kind].push(await secondsOf(() => releases.mirrored[kind]()));
      }
    const row = (name: string, kind: keyof Runs): string[] => {
      const [one, other] = [median(plain[kind]), median(mirrored[kind])];
      return [name, one.toFixed(2), other.toFixed(2), (other / one).toFixed(2), `+${(other - one).toFixed(2)} s`];
    };
    return table(
      ["", "Release", "MirroredRelease", "times", "difference"],
      [row("`pulumi up`", "up"), row("`pulumi preview`", "preview")],
    );
  } finally {
    await releases.close();
  }
}

/** How long a run takes that changes nothing. */
async function secondsOf(run: () => Promise<RunResult>): Promise<number> {
  const begin = process.hrtime.bigint();
  const { changes } = await run();
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (Object.keys(changes).length > 0) throw new Error(`it was to change nothing: ${JSON.stringify(changes)}`);
  return seconds;
}
