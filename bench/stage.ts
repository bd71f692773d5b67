import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificateAuthority, type IssuedCertificate } from "../test/support/registry";
import type { RequestCounts } from "./front/limitingProxy";
import { FrontProcess } from "./front/frontProcess";
import type { BenchImage } from "./imageSet";
import { RegistryServer } from "./registryServer";
import type { Scenario } from "./scenarios";

/** A registry as copiers meet it: with what a scenario puts before it. */
interface Place {
  readonly server: RegistryServer;
  readonly front: FrontProcess | undefined;
  /** As copiers name it. */
  readonly host: string;
}

/** What copiers work on: a source that has the images of a scenario, and a new and empty target for each of them. */
export class Stage {
  private readonly folder: string;
  private readonly certificate: IssuedCertificate | undefined;
  private source!: Place;

  private constructor(
    parent: string,
    private readonly scenario: Scenario,
    readonly images: readonly BenchImage[],
    certificate: IssuedCertificate | undefined,
  ) {
    this.folder = mkdtempSync(join(parent, "stage-"));
    this.certificate = certificate;
    if (certificate && this.ca) writeFileSync(this.ca, certificate.ca);
  }

  /** @param parent folder for the content of all registries */
  static async open(parent: string, scenario: Scenario): Promise<Stage> {
    const certificate = scenario.tls ? await (await certificateAuthority()).issue(["127.0.0.1"]) : undefined;
    const stage = new Stage(parent, scenario, scenario.images(), certificate);
    stage.source = await stage.place("source");
    for (const { repository, image } of stage.images) await stage.source.server.push(repository, "1", image);
    return stage;
  }

  /** File of the authority that copiers trust; none where they speak plain http. */
  get ca(): string | undefined {
    return this.scenario.tls ? join(this.folder, "ca.pem") : undefined;
  }

  /** Lets `work` copy into an empty registry: `SOURCE TARGET` for each image. */
  async withTarget<T>(work: (pairs: readonly (readonly [string, string])[], target: Target) => Promise<T>): Promise<T> {
    const [source, place] = [this.source, await this.place("target")];
    try {
      const pairs = this.images.map(
        ({ repository }) => [`${source.host}/${repository}:1`, `${place.host}/mirror/${repository}:1`] as const,
      );
      return await work(pairs, new Target(this.images, source.front, place, await source.front?.counts()));
    } finally {
      await end(place);
      place.server.wipe();
    }
  }

  async close(): Promise<void> {
    await end(this.source);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async place(name: string): Promise<Place> {
    const { certificate, scenario } = this;
    const { delay, perSecond } = scenario;
    // What limits speaks TLS itself, to tell one request from the other.
    const server = await RegistryServer.start(join(this.folder, name), perSecond ? undefined : certificate);
    const port = Number(server.host.split(":")[1]);
    let front: FrontProcess | undefined;
    if (delay !== undefined) front = await FrontProcess.start({ kind: "delay", port, delay });
    if (perSecond !== undefined && certificate)
      front = await FrontProcess.start({ kind: "limit", port, perSecond, certificate });
    return { server, front, host: front ? `127.0.0.1:${front.port}` : server.host };
  }
}

async function end({ front, server }: Place): Promise<void> {
  await front?.close();
  await server.stop();
}

/** An empty registry, and what comes of copying into it. */
export class Target {
  /** @param before what had come to the source until now */
  constructor(
    private readonly images: readonly BenchImage[],
    private readonly source: FrontProcess | undefined,
    private readonly place: Place,
    private readonly before: RequestCounts = NONE,
  ) {}

  /** Images that are there with all their parts, by digest. */
  async whole(): Promise<readonly BenchImage[]> {
    const whole: BenchImage[] = [];
    for (const one of this.images)
      if (await this.place.server.has(`mirror/${one.repository}`, "1", one.image)) whole.push(one);
    return whole;
  }

  /** The requests of whoever copied. */
  async counts(): Promise<{ readonly source: RequestCounts; readonly target: RequestCounts }> {
    const now = (await this.source?.counts()) ?? NONE;
    const { requests, refused } = this.before;
    return {
      source: { requests: now.requests - requests, refused: now.refused - refused },
      target: (await this.place.front?.counts()) ?? NONE,
    };
  }
}

const NONE: RequestCounts = { requests: 0, refused: 0 };
