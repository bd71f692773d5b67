import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { committedVersions } from "../../src/machine/gitHistory";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chart-mirror-git-"));
  git(["init", "-q", "-b", "main"]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const DAY = 86_400;

/** Runs git as somebody did on a day. */
function git(args: readonly string[], day = 0): string {
  const date = `@${day * DAY} +0000`;
  return execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
    cwd: folder,
    encoding: "utf8",
    env: {
      ...process.env,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    },
  });
}

/** Commits a file with a text. */
function commit(day: number, text: string, name = "a.lock.yaml"): void {
  writeFileSync(join(folder, name), text);
  git(["add", "-A"]);
  git(["commit", "-q", "-m", text], day);
}

/** The versions, each with the days on which it was committed and replaced. */
async function versions(name = "a.lock.yaml"): Promise<string[] | undefined> {
  const found = await committedVersions(join(folder, name));
  return found?.map(
    ({ text, committed, replaced }) =>
      `${text} ${committed / DAY / 1000}-${replaced === undefined ? "" : replaced / DAY / 1000}`,
  );
}

it("gives each version with the time at which the next one came", async () => {
  commit(10, "one");
  commit(20, "two");
  commit(25, "x", "other");
  commit(30, "three");
  expect(await versions()).toEqual(["three 30-", "two 20-30", "one 10-20"]);
});

it("has a version hold until the branch was merged that has another one", async () => {
  commit(10, "one");
  git(["switch", "-q", "-c", "branch"]);
  commit(20, "two");
  commit(30, "three");
  git(["switch", "-q", "main"]);
  commit(40, "x", "other");
  git(["merge", "-q", "--no-ff", "branch", "-m", "merge"], 90);
  const found = await versions();
  expect(found).toContain("one 10-90");
  // On its branch, the one between was replaced before; it came to the others with the merge alone.
  expect(found).toContain("two 20-90");
  expect(found?.filter((one) => one.startsWith("three"))).toContain("three 90-");
});

it("has a version hold until then, too, that came after the branch's", async () => {
  commit(10, "one");
  git(["switch", "-q", "-c", "branch"]);
  commit(20, "two");
  git(["switch", "-q", "main"]);
  commit(30, "three");
  git(["merge", "-q", "--no-ff", "-s", "ours", "branch", "-m", "merge"], 60);
  commit(90, "four");
  expect(await versions()).toEqual(expect.arrayContaining(["three 30-90", "one 10-30", "four 90-"]));
});

it("takes a name with the characters of patterns for itself", async () => {
  commit(10, "one", "a[bc].lock.yaml");
  commit(20, "other", "ab.lock.yaml");
  expect(await versions("a[bc].lock.yaml")).toEqual(["one 10-"]);
});

it("reads on where git is set up to follow files beyond the names that they have now", async () => {
  commit(10, "one and its lines\n".repeat(9), "before.lock.yaml");
  git(["config", "log.follow", "true"]);
  git(["mv", "before.lock.yaml", "a.lock.yaml"]);
  git(["commit", "-q", "-m", "moved"], 20);
  expect((await versions())?.length).toBe(1);
});

it("runs no command of a repository, whatever it lacks", async () => {
  commit(10, "one");
  commit(20, "two");
  const proof = join(folder, "ran");
  for (const [key, value] of [
    ["core.repositoryFormatVersion", "1"],
    ["extensions.partialClone", "origin"],
    ["remote.origin.promisor", "true"],
    ["remote.origin.url", `ext::touch ${proof}`],
    ["protocol.ext.allow", "always"],
    ["core.fsmonitor", `touch ${proof}`],
    ["core.pager", `touch ${proof}`],
    ["diff.external", `touch ${proof}`],
    ["log.showSignature", "true"],
    ["gpg.program", `touch ${proof}`],
  ] as const)
    git(["config", key, value]);
  const blob = git(["rev-parse", "HEAD~1:a.lock.yaml"]).trim();
  rmSync(join(folder, ".git/objects", blob.slice(0, 2), blob.slice(2)));
  await expect(versions()).rejects.toThrow();
  expect(existsSync(proof)).toBe(false);
});

it("knows nothing of what is in no repository", async () => {
  rmSync(join(folder, ".git"), { recursive: true });
  writeFileSync(join(folder, "a.lock.yaml"), "one");
  expect(await versions()).toBeUndefined();
});
