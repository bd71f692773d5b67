import { MirrorError } from "../../../../src/error";
import type { RegistryAccess } from "../../../../src/oci/transport/access";
import type { CopyOptions } from "../../../../src/oci/copy/copyOptions";
import { TagImmutableError } from "../../../../src/oci/errors/errors";
import type { CopyEvent, CopyResult } from "../../../../src/oci/copy/progress";
import { Registries } from "../../../../src/oci/registries";
import { makeImage, pushImage, type SyntheticImage } from "../../../support/images";
import {
  certificateAuthority,
  startRegistry,
  type AuthOptions,
  type IssuedCertificate,
  type RegistryOptions,
  type TestRegistry,
} from "../../../support/registry";
import { Choices } from "../choices";
import { at, FastClock, reach } from "../../fixture";
import { addChances, BEHAVIOURS, faultName, turnOf, type Stage } from "./scenarioFaults";

const PASSWORDS = { source: "scenario-source-5f1c", target: "scenario-target-9ab3" };
/** Longer than the pauses of all requests that one image has to make one after the other, as the policy below allows. */
const LONGEST_MS = 20 * 60_000;

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

/** What came of a scenario: `broken` says what must never be. */
export interface ScenarioResult {
  readonly seed: number;
  readonly copied: number;
  readonly failed: number;
  /** Names of the faults that met a request. */
  readonly met: readonly string[];
  readonly broken: readonly string[];
}

/** One image to copy. */
interface Order {
  readonly image: SyntheticImage;
  readonly from: string;
  readonly to: string;
  readonly options: CopyOptions;
}

/** Copies some images at once between registries that misbehave as the seed says, and looks at what is left. */
export async function runScenario(seed: number): Promise<ScenarioResult> {
  const choices = new Choices(seed);
  const servers: TestRegistry[] = [];
  const start = async (options: RegistryOptions): Promise<TestRegistry> => {
    const server = await startRegistry(options);
    servers.push(server);
    return server;
  };
  try {
    const tls = choices.below(8) === 0 && { certificate: await certificate() };
    const { behaviour, strict } = choices.one(BEHAVIOURS);
    const clock = new FastClock();
    const common = { tls, now: () => clock.now() };
    const objectStorage = choices.below(4) === 0;
    const source = await start({ ...common, auth: auth(choices, PASSWORDS.source), objectStorage });
    const target = await start({ ...common, auth: auth(choices, PASSWORDS.target), behaviour });
    const stage: Stage = { source, target, stranger: await start({ tls }), strict };
    const turn = turnOf(choices, stage, seed);
    const orders = await makeOrders(choices, stage, turn.isMount);
    turn.add();
    addChances(choices, stage);
    return { seed, ...(await play(choices, stage, orders, clock)) };
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

let issued: Promise<IssuedCertificate> | undefined;
/** One for all scenarios: keys take long to make. */
const certificate = (): Promise<IssuedCertificate> =>
  (issued ??= certificateAuthority().then((authority) => authority.issue(["127.0.0.1"])));

function auth(choices: Choices, password: string): AuthOptions {
  const users = { robot: password };
  return choices.one<AuthOptions>([
    { scheme: "none" },
    { scheme: "basic", users },
    { scheme: "bearer", users, expiresIn: choices.one([5, 300]) },
  ]);
}

async function makeOrders(choices: Choices, { source, target }: Stage, shared: boolean): Promise<Order[]> {
  const orders: Order[] = [];
  for (let i = shared ? 3 : choices.below(4); i >= 0; i--) {
    const image = choices.one(shared ? IMAGES.slice(0, 2) : IMAGES);
    const options: CopyOptions = {
      ...(choices.below(8) === 0 && { referrers: true }),
      ...(image.manifests.length > 1 && choices.below(4) === 0 && { platforms: [AMD64] }),
    };
    await pushImage(source, `app${i}:1`, image);
    target.createRepository(`m/app${i}`);
    orders.push({ image, from: `app${i}:1`, to: `m/app${i}:1`, options });
  }
  return orders;
}

async function play(
  choices: Choices,
  stage: Stage,
  orders: readonly Order[],
  clock: FastClock,
): Promise<Omit<ScenarioResult, "seed">> {
  const { source, target, stranger } = stage;
  const broken: string[] = [];
  const began = clock.now();
  const limits = { requests: choices.one([1, 16]), transfers: choices.one([1, 4]) };
  const registries = new Registries({
    access: accessTo(stage),
    clock,
    random: choices.random,
    limits,
    stallTimeoutMs: 200,
    retry: { attempts: 4, maxPauseMs: 60_000 },
  });
  const results = await Promise.allSettled(
    orders.map(({ from, to, options }, i) => {
      const onProgress = (event: CopyEvent): void => {
        const problem = progressProblem(event);
        if (problem) broken.push(`image ${i}: ${problem}`);
      };
      return registries.copy(at(source, from), at(target, to), { ...options, onProgress });
    }),
  );
  if (clock.sleeping > 0) broken.push("something waits to be tried again after the end");
  if (clock.now() - began > LONGEST_MS) broken.push(`it took ${(clock.now() - began) / 60_000} minutes`);
  for (const [i, result] of results.entries()) {
    const order = orders[i] as Order;
    if (result.status === "fulfilled") broken.push(...resultProblems(stage, order, result.value));
    else broken.push(...errorProblems(result.reason as Error).map((problem) => `image ${i} ${problem}`));
  }
  broken.push(...(await tagProblems(target)));
  registries.close();
  if (!(await areDisconnected([source, target, stranger]))) broken.push("connections are open after the end");
  broken.push(...credentialProblems(stage));
  const met = [source, target].flatMap(({ requests }) => requests.all.filter(({ fault }) => fault).map(faultName));
  broken.push(...(await healingProblems(stage, orders)));
  const copied = results.filter(({ status }) => status === "fulfilled").length;
  return { copied, failed: results.length - copied, met, broken };
}

const AMD64 = { os: "linux", architecture: "amd64" };

const accessTo = ({ source, target }: Stage): RegistryAccess[] => [
  { ...reach(source), username: "robot", password: PASSWORDS.source },
  { ...reach(target), username: "robot", password: PASSWORDS.target },
];

function progressProblem(event: CopyEvent): string | undefined {
  if (event.type !== "progress") return undefined;
  const { bytesDone, bytesTotal } = event;
  return bytesDone < 0 || bytesDone > bytesTotal ? `${bytesDone} of ${bytesTotal} bytes are done` : undefined;
}

function resultProblems({ target }: Stage, { image, to, options }: Order, result: CopyResult): string[] {
  const [repository = "", tag = ""] = to.split(":");
  const problems: string[] = [];
  if (target.tag(repository, tag) !== result.digest) problems.push("is reported as copied, its tag is not there");
  if (!options.platforms && result.digest !== image.digest) problems.push("has another digest than its source");
  const bytes = result.bytesCopied + result.bytesMounted + result.bytesSkipped;
  if (bytes > image.size) problems.push(`is reported with ${bytes} bytes instead of ${image.size}`);
  return problems.map((problem) => `${to} ${problem}`);
}

function errorProblems(error: Error): string[] {
  if (!(error instanceof MirrorError)) return [`failed with an error without type: ${String(error)} ${error.stack}`];
  const problems = Object.values(PASSWORDS).some((password) => error.message.includes(password))
    ? ["failed with an error that tells a password"]
    : [];
  return error.message.includes("undefined") ? [...problems, `failed with ${error.message}`] : problems;
}

async function tagProblems(target: TestRegistry): Promise<string[]> {
  const problems: string[] = [];
  for (const repository of target.repositories())
    for (const tag of target.tags(repository))
      for (const defect of await target.defects(repository, tag)) problems.push(`${repository}:${tag}: ${defect}`);
  return problems;
}

/** A credential is for one registry, and for no other host. */
function credentialProblems({ source, target, stranger }: Stage): string[] {
  const seen = ({ requests }: TestRegistry): string[] =>
    requests.all.flatMap(({ authorization }) => authorization ?? []);
  const problems: string[] = [];
  if (seen(stranger).length > 0) problems.push("a stranger was given a credential");
  if (seen(source).some((credential) => seen(target).includes(credential)))
    problems.push("both registries were given one credential");
  if ([source, target].some(({ requests }) => requests.find({ service: "storage" }).some((r) => r.authorization)))
    problems.push("object storage was given a credential");
  return problems;
}

/** Whatever was left, another run finishes it once nothing goes wrong any more. */
async function healingProblems({ source, target, ...stage }: Stage, orders: readonly Order[]): Promise<string[]> {
  for (const { faults } of [source, target]) faults.clear();
  const registries = new Registries({ access: accessTo({ source, target, ...stage }), stallTimeoutMs: 10_000 });
  try {
    const problems: string[] = [];
    for (const { from, to, options } of orders)
      try {
        await registries.copy(at(source, from), at(target, to), options);
      } catch (error) {
        // A manifest that arrived with a flipped byte is another one, and its tag may stay with it for good.
        if (error instanceof TagImmutableError && target.requests.all.some(({ fault }) => fault === "flip")) continue;
        problems.push(`${to} cannot be copied when all is well again: ${(error as Error).message}`);
      }
    return [...problems, ...(await tagProblems(target))];
  } finally {
    registries.close();
  }
}

async function areDisconnected(servers: readonly TestRegistry[]): Promise<boolean> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const counts = await Promise.all(servers.map((server) => server.connections()));
    if (counts.every((count) => count === 0)) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}
