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
  const log = await git(
    "log",
    `--max-count=${MAX_VERSIONS}`,
    "--no-show-signature",
    "--no-ext-diff",
    "--no-textconv",
    "--diff-filter=AMRT",
    "--format=%H %ct",
    "--",
    name,
  ).catch(() => "");
  const commits = log.split("\n").flatMap((line) => {
    const [, commit, seconds] = /^([0-9a-f]{40,64}) (\d+)$/.exec(line) ?? [];
    return commit === undefined ? [] : [{ commit, committed: Number(seconds) * 1000 }];
  });
  const versions: CommittedVersion[] = [];
  for (let at = 0; at < commits.length; at += 8)
    versions.push(
      ...(await settleAll(
        commits.slice(at, at + 8).map(async ({ commit, committed }) => ({
          text: await git("cat-file", "blob", `${commit}:${name}`),
          committed,
        })),
      )),
    );
  return versions;
}

async function run(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", ["-c", "core.fsmonitor=false", "--no-pager", ...args], {
    cwd: folder,
    maxBuffer: MAX_BYTES,
    // A partial clone would fetch what is missing, by commands that its configuration names.
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", GIT_NO_LAZY_FETCH: "1", LC_ALL: "C" },
  });
  return stdout;
}
