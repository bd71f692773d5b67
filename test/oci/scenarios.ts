import { MirrorError } from "../../src/error";
import type { RegistryAccess } from "../../src/oci/access";
import { Registries } from "../../src/oci/registries";
import { makeImage, pushImage, type SyntheticImage } from "../support/images";
import {
  startRegistry,
  type AuthOptions,
  type BehaviourOption,
  type Fault,
  type FaultAction,
  type FaultMatch,
  type TestRegistry,
} from "../support/registry";
import { at, FastClock, reach } from "./fixture";

/** Random choices that a seed repeats (mulberry32). */
export class Choices {
  constructor(private state: number) {}

  readonly random = (): number => {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  one<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const PASSWORD = "scenario-secret-5f1c";

const IMAGES: readonly SyntheticImage[] = [
  makeImage({
    layers: [
      { size: 530_000, seed: "base" },
      { size: 2000, seed: "a" },
    ],
  }),
  makeImage({
    layers: [
      { size: 530_000, seed: "base" },
      { size: 540_000, seed: "b" },
    ],
  }),
  makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (p) => [
      { size: 4000, seed: p },
      { size: 2000, seed: "a" },
    ],
  }),
  makeImage({
    platforms: ["linux/amd64", "linux/s390x"],
    layers: (p) => [
      { size: 530_000, seed: "base" },
      { size: 10, seed: p },
    ],
    mediaTypes: "docker",
  }),
  makeImage({ layers: [] }),
];

const BEHAVIOURS: readonly BehaviourOption[] = [
  "specification",
  { strict: false },
  { strict: false, mount: "upload" },
  { mount: "refused" },
  { chunks: "refused" },
  { chunks: "overwritten", locations: "url" },
  { immutableTags: true },
  "ecr",
  "distribution",
];

const MATCHES: readonly FaultMatch[] = [
  {},
  { method: "GET" },
  { method: "HEAD" },
  { method: "GET", path: /\/blobs\/sha/ },
  { method: "GET", path: /\/manifests\// },
  { method: "POST" },
  { method: "PATCH" },
  { method: "PUT" },
  { method: "PUT", path: /\/manifests\// },
  { path: /token/ },
];

function fault(choices: Choices): Fault {
  const offset = choices.one([0, 1, 100, 3000, 200_000]);
  const actions: readonly FaultAction[] = [
    ...[400, 401, 403, 404, 405, 429, 500, 502, 503].map((status): FaultAction => ({ kind: "answer", status })),
    { kind: "answer", status: 429, headers: { "retry-after": "2" } },
    { kind: "answer", status: 202 },
    { kind: "redirect", to: "http://127.0.0.1:9/" },
    { kind: "close", afterRequestBytes: offset },
    { kind: "noSpace", afterRequestBytes: offset },
    { kind: "loseAnswer" },
    { kind: "cut", after: offset },
    { kind: "truncate", after: offset },
    { kind: "truncate", after: offset, contentLength: true },
    { kind: "flip", at: offset },
    { kind: "flip", at: offset, in: "request" },
    { kind: "wrongLength", by: choices.one([-7, 7]) },
    { kind: "stall", after: offset },
  ];
  const when = { nth: 1 + choices.below(8), times: choices.one([1, 1, 1, 2, 3, 5, Infinity]) };
  // Success is played to readings alone: a registry that says it has or stored what it has not deceives every client,
  // where it checks manifests no more than some of these targets do.
  if (choices.below(20) === 0)
    return { match: { method: "GET", ...when }, action: { kind: "answer", status: 200, body: "<html>busy</html>" } };
  return { match: { ...choices.one(MATCHES), ...when }, action: choices.one(actions) };
}

/** What came of a scenario: `broken` says what must never be. */
export interface ScenarioResult {
  readonly seed: number;
  readonly copied: number;
  readonly failed: number;
  readonly broken: readonly string[];
}

/** Copies some images at once between registries that misbehave as the seed says, and looks at what is left. */
export async function runScenario(seed: number): Promise<ScenarioResult> {
  const choices = new Choices(seed);
  const users = { robot: PASSWORD };
  const auths: readonly AuthOptions[] = [
    { scheme: "none" },
    { scheme: "basic", users },
    { scheme: "bearer", users, expiresIn: choices.one([1, 300]) },
  ];
  const source = await startRegistry({ auth: choices.one(auths), objectStorage: choices.below(4) === 0 });
  const target = await startRegistry({ auth: choices.one(auths), behaviour: choices.one(BEHAVIOURS) });
  const images = [0, 1, 2].slice(0, 1 + choices.below(3)).map(() => choices.one(IMAGES));
  for (const [i, image] of images.entries()) await pushImage(source, `app${i}:1`, image);
  for (const i of images.keys()) target.createRepository(`m/app${i}`);
  for (let faults = 1 + choices.below(5); faults > 0; faults--)
    choices.one([source, target]).faults.add(fault(choices));

  const access = [source, target].map((server): RegistryAccess => ({
    ...reach(server),
    username: "robot",
    password: PASSWORD,
  }));
  const registries = new Registries({
    access,
    clock: new FastClock(),
    random: choices.random,
    stallTimeoutMs: 60,
    retry: { attempts: 4, maxPauseMs: 60_000 },
  });
  const broken: string[] = [];
  try {
    const results = await Promise.allSettled(
      images.map((_, i) => registries.copy(at(source, `app${i}:1`), at(target, `m/app${i}:1`))),
    );
    for (const [i, result] of results.entries()) {
      const image = images[i] as SyntheticImage;
      if (result.status === "fulfilled") {
        if (target.tag(`m/app${i}`, "1") !== image.digest)
          broken.push(`image ${i} is reported as copied, its tag is not there`);
        continue;
      }
      const error: unknown = result.reason;
      if (!(error instanceof MirrorError))
        broken.push(`image ${i} failed with an error without type: ${String(error)} ${(error as Error).stack}`);
      if (String(error).includes(PASSWORD)) broken.push(`image ${i} failed with an error that tells the password`);
    }
    for (const repository of target.repositories())
      for (const tag of target.tags(repository))
        for (const defect of await target.defects(repository, tag)) broken.push(`${repository}:${tag}: ${defect}`);
    const copied = results.filter(({ status }) => status === "fulfilled").length;
    return { seed, copied, failed: results.length - copied, broken };
  } finally {
    registries.close();
    await Promise.all([source, target].map((server: TestRegistry) => server.close()));
  }
}
