import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../src/cli/main";
import { digestOf } from "../../../src/image/digest";
import { formatLock } from "../../../src/plan/lock/lockFormat";
import { makeImage, pushImage, type SyntheticImage } from "../../support/images";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../../support/registry";

const images = ["1", "2", "3"].map((tag) =>
  makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [
      { size: 500, seed: "shared" },
      { size: 3000, seed: `${tag} ${platform}` },
    ],
  }),
);

let folder: string;
let registry: TestRegistry;
const environment = { ...process.env };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-prune-"));
  process.env.DOCKER_CONFIG = join(folder, "docker");
  await start();
});
afterEach(async () => {
  process.env = environment;
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

/** A mirror with three versions of an image, and one that somebody else put there. */
async function start(options: RegistryOptions = {}): Promise<void> {
  if (registry) await registry.close();
  registry = await startRegistry(options);
  for (const [i, image] of images.entries()) await pushImage(registry, `platform/shop/api:${i + 1}`, image);
  await pushImage(registry, "platform/shop/api:theirs", makeImage({ layers: [{ size: 70, seed: "theirs" }] }));
  await pushImage(registry, "platform/other:1", images[0] as SyntheticImage);
  await pushImage(registry, "elsewhere:1", images[0] as SyntheticImage);
}

/** The password of every login. */
// eslint-disable-next-line @typescript-eslint/require-await -- standard input is read in pieces
async function* password(): AsyncGenerator<string> {
  yield "p4ss";
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const streams = { out: (text: string) => void (said.out += text), err: (text: string) => void (said.err += text) };
  return { code: await main(["prune", ...args], streams, password()), ...said };
}

const to = (): string[] => ["--to", `${registry.host}/platform`, "--plain-http"];

/** A lock file of these versions of the image. */
async function lock(name: string, tags: readonly number[], mirror = `${registry.host}/platform`): Promise<string> {
  const file = join(folder, name);
  await mkdir(folder, { recursive: true });
  const text = formatLock({
    lockVersion: 1,
    tool: "test",
    mirror,
    chart: { name: "shop", version: "1.0.0", digest: digestOf("chart") },
    images: tags.map((tag) => ({
      source: `quay.io/shop/api:${tag}`,
      target: `${mirror}/shop/api:${tag}`,
      digest: (images[tag - 1] as SyntheticImage).digest,
      size: 1,
      platforms: ["linux/amd64", "linux/arm64"],
    })),
    overrides: {},
    patches: [],
  });
  await writeFile(file, text);
  return file;
}

/** Puts what is in the folder into a commit of so many days ago. */
function commit(daysAgo: number): void {
  const date = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
      cwd: folder,
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_CONFIG_GLOBAL: "/dev/null" },
    });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-q", "-m", "lock");
}

const left = (): string[] => registry.tags("platform/shop/api");

it("shows what git's history named and nothing needs, deletes it when told to, and then has nothing to do", async () => {
  const file = await lock("a.lock.yaml", [1]);
  commit(90);
  await lock("a.lock.yaml", [2]);
  commit(60);
  await lock("a.lock.yaml", [3]);
  commit(50);
  const [first, second] = images as [SyntheticImage, SyntheticImage];
  const shown = await run(...to(), "--lock", file);
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.err).toMatch(
    /6 manifests with 2 tags would go \(at most 1\d\.\d KiB\), \d+ stay\nnothing was deleted: --yes/,
  );
  expect(shown.out).toContain(`platform/shop/api@${first.digest}   1`);
  expect(left()).toEqual(["1", "2", "3", "theirs"]);
  const { code, err } = await run(...to(), "--lock-file", file, "--yes");
  expect([code, err.match(/^deleted /gm)?.length]).toEqual([0, 6]);
  expect(err).toContain(`deleted ${registry.host}/platform/shop/api@${second.digest}\n`);
  expect(left()).toEqual(["3", "theirs"]);
  expect(await registry.defects("platform/shop/api", "3")).toEqual([]);
  expect([registry.tags("platform/other"), registry.tags("elsewhere")]).toEqual([["1"], ["1"]]);
  expect((await run(...to(), "--lock", file, "--yes")).err).toMatch(/^0 manifests with 0 tags deleted, \d stay$/m);
});

it("keeps what was needed lately, and what another lock file names", async () => {
  const file = await lock("a.lock.yaml", [1, 2]);
  commit(90);
  await lock("a.lock.yaml", [3]);
  commit(20);
  expect((await run(...to(), "--lock", file)).err).toContain("0 manifests");
  const other = await lock("b.lock.yaml", [1]);
  const { out } = await run(...to(), "--lock", file, "--lock", other, "--keep-days", "10", "-o", "json");
  const { removed, kept } = JSON.parse(out) as Record<"removed" | "kept", { tags: string[]; why?: string[] }[]>;
  expect(removed.map(({ tags }) => tags)).toEqual([["2"], [], []]);
  expect(kept.find(({ tags }) => tags.includes("1"))?.why).toContain(`the lock file ${other}`);
  expect(kept.find(({ tags }) => tags.includes("theirs"))?.why).toEqual([
    "no mirror of ours is known to have brought it",
  ]);
});

it("takes lock files of old, as old as the files are", async () => {
  const [file, old] = [await lock("a.lock.yaml", [3]), await lock("old.lock.yaml", [1])];
  expect((await run(...to(), "--lock", file, "--ledger", old)).err).toContain("0 manifests");
  const year = new Date(Date.now() - 365 * 86_400_000);
  await utimes(old, year, year);
  const { err } = await run(...to(), "--lock", file, "--ledger", old, "--yes");
  expect(err).toMatch(/a\.lock\.yaml is in no git repository: what it named before is not known/);
  expect(left()).toEqual(["2", "3", "theirs"]);
});

it("takes all that lies below the mirror where its user says that it is nobody else's", async () => {
  const file = await lock("a.lock.yaml", [3]);
  const shown = await run(...to(), "--lock", file, "--owned-repositories", "--list-kept");
  expect(shown.out).toContain("nothing tells since when it is not needed");
  const { code } = await run(...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect(code).toBe(0);
  expect([left(), registry.tags("platform/other"), registry.tags("elsewhere")]).toEqual([["3"], [], ["1"]]);
});

it("does not leave the mirror for names that lead out of it", async () => {
  const repositories = ["platform/../elsewhere", "platform/x/%2e%2e/../../elsewhere", "platform/a?b", "platform/other"];
  registry.faults.add({
    match: { path: /_catalog/, times: Infinity },
    action: { kind: "answer", status: 200, body: JSON.stringify({ repositories }) },
  });
  const file = await lock("a.lock.yaml", [3]);
  const { code } = await run(...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect([code, registry.tags("elsewhere"), registry.tags("platform/other")]).toEqual([0, ["1"], []]);
});

it.each([404, 405, 403])("looks at lock files' repositories alone where none are listed (%s)", async (status) => {
  registry.faults.add({ match: { path: /_catalog/, times: Infinity }, action: { kind: "answer", status } });
  const file = await lock("a.lock.yaml", [3]);
  const { err } = await run(...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect(err).toContain(`${registry.host} does not list its repositories`);
  expect([left(), registry.tags("platform/other")]).toEqual([["3"], ["1"]]);
});

it("asks token services for the right to delete", async () => {
  await start({ auth: { scheme: "bearer", users: { robot: "p4ss" } } });
  const file = await lock("a.lock.yaml", [3]);
  const login = ["--username", "robot", "--password-stdin"];
  const { code } = await run(...to(), ...login, "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect([code, left(), registry.tags("platform/other")]).toEqual([0, ["3"], []]);
});

it("deletes nothing with a login that may not", async () => {
  const access = [{ repositories: "*", actions: ["pull" as const] }];
  await start({ auth: { scheme: "bearer", users: { robot: { password: "p4ss", access } } } });
  const file = await lock("a.lock.yaml", [3]);
  const login = ["--username", "robot", "--password-stdin"];
  const { code } = await run(...to(), ...login, "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect([code, left().length]).toEqual([1, 4]);
});

it("says how a registry is told to delete, and goes no further", async () => {
  await start({ behaviour: { deletes: false } });
  const file = await lock("a.lock.yaml", [3]);
  const { code, err } = await run(...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect(code).toBe(2);
  expect(err).toMatch(/deletes nothing over its API .*REGISTRY_STORAGE_DELETE_ENABLED=true/);
  expect(registry.requests.count({ method: "DELETE" })).toBe(1);
});

it("does not take a registry that knows no deletion for one in which nothing is left to delete", async () => {
  const file = await lock("a.lock.yaml", [3]);
  registry.faults.add({ match: { method: "DELETE", times: Infinity }, action: { kind: "answer", status: 404 } });
  const { code, err } = await run(...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect([code, left().length]).toEqual([2, 4]);
  expect(err).toMatch(/deletes nothing over its API/);
  expect(err).not.toMatch(/^deleted /m);
});

it("keeps an image of an index that has a tag of its own of which nobody knows since when", async () => {
  const file = await lock("a.lock.yaml", [1, 2]);
  commit(90);
  await lock("a.lock.yaml", [2]);
  commit(60);
  const first = images[0] as SyntheticImage;
  const children = JSON.parse(registry.manifest("platform/shop/api", "1")?.bytes.toString() ?? "") as {
    manifests: { digest: string }[];
  };
  const child = registry.manifest("platform/shop/api", children.manifests[0]?.digest ?? "");
  if (child) registry.putManifest("platform/shop/api", child.mediaType, child.bytes, "1-amd64");
  const { code, err } = await run(...to(), "--lock", file, "--owned-repositories", "--yes");
  expect([code, left()]).toEqual([0, ["1-amd64", "2", "3", "theirs"]]);
  expect(err).toContain(`deleted ${registry.host}/platform/shop/api@${first.digest}`);
});

it("does not say that nothing was deleted when its report cannot be written", async () => {
  const file = await lock("a.lock.yaml", [3]);
  let err = "";
  const streams = {
    out: () => {
      throw new Error("the page is full");
    },
    err: (text: string) => void (err += text),
  };
  const args = [...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes"];
  await main(["prune", ...args], streams, password());
  expect(left()).toEqual(["3"]);
  expect(err).toContain("the page is full");
  expect(err).not.toContain("nothing was deleted");
});

it("leaves a repository that changes meanwhile as it is", async () => {
  const file = await lock("a.lock.yaml", [3]);
  const again = (): void => {
    const stored = registry.manifest("platform/shop/api", "1");
    if (stored) registry.putManifest("platform/shop/api", stored.mediaType, stored.bytes, "new");
  };
  registry.faults.add({
    match: { path: /shop\/api\/tags\/list/, nth: 2 },
    action: { kind: "meanwhile", happen: again },
  });
  const { code, err } = await run(...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect(code).toBe(1);
  expect(err).toMatch(/since it was looked at, it has got the tag new\. Run the command again/);
  expect(err).toContain(`manifests of ${registry.host}/platform/shop/api were not deleted`);
  expect([left(), registry.tags("platform/other")]).toEqual([["1", "2", "3", "new", "theirs"], []]);
});

it("leaves what belongs to what it cannot delete, and goes on elsewhere", async () => {
  const file = await lock("a.lock.yaml", [3]);
  registry.faults.add({
    match: { method: "DELETE", path: /shop\/api/, times: Infinity },
    action: { kind: "answer", status: 403, body: '{"errors":[{"code":"DENIED","message":"locked"}]}' },
  });
  const owned = ["--owned-repositories", "--keep-days", "0"];
  const { code, out, err } = await run(...to(), "--lock", file, ...owned, "--yes", "-o", "json");
  expect([code, left().length, registry.tags("platform/other")]).toEqual([1, 4, []]);
  const { removed } = JSON.parse(out) as { removed: { repository: string }[] };
  expect(new Set(removed.map(({ repository }) => repository))).toEqual(new Set(["platform/other"]));
  expect(err).toMatch(/error: .*deleting .*shop\/api@sha256:\w+/i);
});

const wrong: [string, () => Promise<string[]>, RegExp][] = [
  ["nothing to keep", () => Promise.resolve(["--owned-repositories"]), /nothing says what of the mirror is needed/],
  ["nothing that may go", () => Promise.resolve(["--context", "prod"]), /nothing says what of the mirror was brought/],
  ["yes and no", async () => ["--lock", await lock("a", [1]), "--yes", "--dry-run"], /exclude each other/],
  ["days that are none", async () => ["--lock", await lock("a", [1]), "--keep-days", "soon"], /no number of days/],
  ["a lock file that is not there", () => Promise.resolve(["--lock", join(folder, "none")]), /there is no such file/],
  [
    "a lock file of another mirror",
    async () => ["--lock", await lock("a", [1], "r.io/p")],
    /it is for the mirror r.io\/p/,
  ],
  [
    "a kubeconfig that is none",
    async () => ["--lock", await lock("a", [1]), "--kubeconfig", join(folder, "none")],
    /INVALID_KUBECONFIG|cannot be (read|loaded)/,
  ],
];

it.each(wrong)("refuses %s, and deletes nothing", async (_, args, message) => {
  const { code, err } = await run(...to(), ...(await args()), ...["--keep-host"]);
  expect(code).toBe(2);
  expect(err).toMatch(message);
  expect(registry.requests.count({ method: "DELETE" })).toBe(0);
});

it("deletes nothing where pages of tags go round in a circle", async () => {
  const file = await lock("a.lock.yaml", [1, 2]);
  const stored = registry.manifest("platform/shop/api", "1");
  if (stored) registry.putManifest("platform/shop/api", stored.mediaType, stored.bytes, "prod");
  commit(90);
  await lock("a.lock.yaml", [2]);
  commit(60);
  registry.faults.add({
    match: { path: /shop\/api\/tags\/list/, times: Infinity },
    action: {
      kind: "answer",
      status: 200,
      headers: { link: '</v2/platform/shop/api/tags/list?last=2>; rel="next"' },
      body: '{"name":"x","tags":["1","2"]}',
    },
  });
  const { code, err } = await run(...to(), "--lock", file, "--yes");
  expect([code, left()]).toEqual([2, ["1", "2", "3", "prod", "theirs"]]);
  expect(err).toContain("a page leads back to one before it");
});

it("deletes nothing where a list of tags lacks one that is there", async () => {
  const file = await lock("a.lock.yaml", [1, 3]);
  registry.faults.add({
    match: { path: /shop\/api\/tags\/list/ },
    action: { kind: "answer", status: 200, body: '{"name":"x","tags":["3"]}' },
  });
  const { code, err } = await run(...to(), "--lock", file, "--owned-repositories", "--keep-days", "0", "--yes");
  expect([code, left()]).toEqual([2, ["1", "2", "3", "theirs"]]);
  expect(err).toContain("the list lacks 1, which is there");
});
