import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { settleAll } from "../oci/transport/settleAll";

/** A version of a file, as it was committed. */
export interface CommittedVersion {
  readonly text: string;
  /** When it was committed, in milliseconds since 1970. */
  readonly committed: number;
  /** When what is checked out got another one; absent where it has not. */
  readonly replaced?: number;
}

interface Commit {
  readonly commit: string;
  readonly committed: number;
}

/** The newest versions of a file are read. */
const MAX_VERSIONS = 2000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The committed versions of a file, the newest first; undefined where it is not in a git repository, or git is not there.
 *
 * Nothing is run that the repository names: whoever made it may be a stranger.
 *
 * @throws Error where git has the file and does not give it
 */
export async function committedVersions(file: string): Promise<CommittedVersion[] | undefined> {
  const path = await realpath(file);
  const git = (...args: string[]): Promise<string> => run(dirname(path), args);
  try {
    await git("rev-parse", "--is-inside-work-tree");
  } catch {
    return undefined;
  }
  const name = `./${basename(path)}`;
  const log = async (...options: string[]): Promise<Commit[]> =>
    commitsIn(
      await git(
        ...["log", `--max-count=${MAX_VERSIONS}`, "--no-show-signature", "--no-ext-diff", "--no-textconv"],
        ...["--diff-filter=AMRT", "--format=%H %ct", ...options, "--", name],
      ).catch(() => ""),
    );
  const commits = withReplacements(await log(), await log("--first-parent", "-m"));
  const versions: CommittedVersion[] = [];
  for (let at = 0; at < commits.length; at += 8)
    versions.push(
      ...(await settleAll(
        commits.slice(at, at + 8).map(async ({ commit, ...times }) => ({
          text: await git("cat-file", "blob", `${commit}:${name}`),
          ...times,
        })),
      )),
    );
  return versions;
}

function commitsIn(log: string): Commit[] {
  return log.split("\n").flatMap((line) => {
    const [, commit, seconds] = /^([0-9a-f]{40,64}) (\d+)$/.exec(line) ?? [];
    return commit === undefined ? [] : [{ commit, committed: Number(seconds) * 1000 }];
  });
}

/**
 * Commits with the time at which each was replaced, where it stands on the line that is checked out: there a branch counts
 * from when it was merged, whenever it was written. What stood on a branch alone was replaced by then, too.
 *
 * @param all the commits of every branch that was merged, the newest first
 * @param line those of the line, merges among them, the newest first
 */
function withReplacements(all: readonly Commit[], line: readonly Commit[]): (Commit & { replaced?: number })[] {
  const standing = new Set(line.map(({ commit }) => commit));
  const at = (i: number, commits: readonly Commit[]): number => commits[i]?.committed ?? 0;
  const onLine = line.map((one, i) => ({ ...one, ...(i > 0 && { replaced: at(i - 1, line) }) }));
  const elsewhere = all.flatMap((one, i) => {
    if (standing.has(one.commit)) return [];
    const merged = line.filter(({ committed }) => committed >= one.committed).at(-1);
    const newer = i > 0 ? at(i - 1, all) : undefined;
    const replaced = [merged?.committed, newer].filter((time) => time !== undefined);
    return [{ ...one, ...(replaced.length > 0 && { replaced: Math.max(...replaced) }) }];
  });
  return [...onLine, ...elsewhere];
}

const GIT_OPTIONS = ["-c", "core.fsmonitor=false", "-c", "log.follow=false", "--literal-pathspecs", "--no-pager"];

async function run(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", [...GIT_OPTIONS, ...args], {
    cwd: folder,
    maxBuffer: MAX_BYTES,
    // A partial clone would fetch what is missing, by commands that its configuration names; git before 2.45 knows the second alone.
    env: {
      ...process.env,
      GIT_OPTIONAL_LOCKS: "0",
      GIT_NO_LAZY_FETCH: "1",
      GIT_ALLOW_PROTOCOL: "none",
      LC_ALL: "C",
    },
  });
  return stdout;
}
