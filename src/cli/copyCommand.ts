import { readFile } from "node:fs/promises";
import { MirrorError, MirrorErrors } from "../error";
import { parsePlatform, type Platform } from "../image/platform";
import { isRegistryHost, parseReference } from "../image/reference";
import { localRegistries } from "../machine/localRegistries";
import type { RegistryAccess } from "../oci/access";
import type { CopyOptions } from "../oci/copyOptions";
import type { MirrorAddress } from "../plan/layout";
import { CopyDisplay } from "./copyDisplay";
import { copyImages, previewImages, type CopyRun } from "./copyRun";
import { selectImages, type SelectionOptions } from "./copySelection";
import { EXIT } from "./exitCodes";
import type { Streams } from "./main";
import { formatReport, type OutputFormat } from "./output";
import { readPassword, type Input } from "./passwordInput";
import { scriptLine } from "./stackStateScript";

/** The options of `chart-mirror copy`. */
export interface CopyCommandOptions extends SelectionOptions {
  readonly to?: MirrorAddress;
  readonly dryRun?: boolean;
  /** `-d` and `-t` of StackState's script: its names for `to` and `dryRun`, with its defaults and its listing. */
  readonly d?: MirrorAddress;
  readonly t?: boolean;
  readonly platform: readonly Platform[];
  readonly concurrency?: number;
  readonly referrers?: boolean;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly plainHttp?: boolean;
  readonly plainHttpSource: readonly string[];
  readonly caFile?: string;
}

/** Options of `copy` that do not go together, or a value of them that cannot be used. `code` is `INVALID_COPY`. */
export class CopyCommandError extends MirrorError {
  override readonly name = "CopyCommandError";
  constructor(problem: string, remedy?: string, options?: ErrorOptions) {
    super("INVALID_COPY", problem, remedy, options);
  }
}

/**
 * `chart-mirror copy CHART|REFERENCE... --to HOST[/PATH]`: copies images into the mirror, or lists what would be copied.
 *
 * One line for each image goes to standard output; the images that failed are told together at the end.
 */
export async function copyCommand(
  names: readonly string[],
  options: CopyCommandOptions,
  streams: Streams,
  input: Input,
): Promise<number> {
  const mirror = options.to ?? options.d;
  MirrorErrors.throwIfAny("reading the options of copy", optionProblems(options));
  if (!mirror) throw new CopyCommandError("reading the options of copy: no mirror is named", "Give --to HOST[/PATH]");
  const images = await selectImages(names, mirror, options, options.d !== undefined, streams);
  if (options.t) {
    for (const { written, target } of images) streams.out(scriptLine(written, target));
    return EXIT.whole;
  }
  const access = await accessOf(mirror, options, input);
  const display = new CopyDisplay(streams, images.length, () => performance.now());
  const registries = localRegistries(access, {
    ...(options.concurrency !== undefined && { limits: { transfers: options.concurrency } }),
    onEvent: ({ host, reason, delayMs }) =>
      display.note(`${host}: ${reason}; trying again in ${Math.ceil(delayMs / 1000)} s`),
  });
  const copyOptions: CopyOptions = {
    ...(options.platform.length > 0 && { platforms: options.platform }),
    ...(options.referrers && { referrers: true }),
    onProgress: (event) => display.event(event),
  };
  // Data is for programs; lines in between would break it.
  const tell = options.output === undefined ? (line: string) => display.line(line) : () => undefined;
  try {
    const run = options.dryRun
      ? await previewImages(images, registries, copyOptions, tell)
      : await copyImages(images, registries, copyOptions, tell, () => display.imageDone());
    display.close();
    return report(run, options.output, streams);
  } finally {
    registries.close();
  }
}

function report({ entries, summary, problems }: CopyRun, output: OutputFormat | undefined, streams: Streams): number {
  if (output !== undefined) {
    const rows = entries.map(({ source, target, digest }) => [source, target, digest]);
    streams.out(formatReport({ headings: ["source", "target", "digest"], rows, data: entries }, output));
  }
  streams.err(`${summary}\n`);
  if (problems.length === 0) return EXIT.whole;
  // One refused login fails every image of its registry with the same words; once is enough.
  const distinct = [...new Map(problems.map((problem) => [problem.message, problem])).values()];
  const [only] = distinct;
  const told = distinct.length === 1 && only ? only : new MirrorErrors("copying images", distinct);
  streams.err(`error: ${told.message}\n`);
  return EXIT.failed;
}

/** Reads `os/architecture[/variant]`. @throws {CopyCommandError} */
export function parsePlatformOption(text: string): Platform {
  const platform = parsePlatform(text);
  if (!platform) throw new CopyCommandError(`${JSON.stringify(text)} is no platform`, "Write it as linux/amd64");
  return platform;
}

/** Reads a number of one or more. @throws {CopyCommandError} */
export function parseConcurrency(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new CopyCommandError(`${JSON.stringify(text)} is no number of one or more`);
  return Number(text);
}

/** Reads `HOST[:PORT]`. @throws {CopyCommandError} */
export function parseHost(text: string): string {
  if (!isRegistryHost(text)) throw new CopyCommandError(`${JSON.stringify(text)} is not a registry host`);
  return parseReference(`${text}/image`).registry;
}

function optionProblems({ username, passwordStdin, plainHttp, caFile, to, d }: CopyCommandOptions): Error[] {
  const problems: Error[] = [];
  if (to && d) problems.push(new CopyCommandError("--to and -d are the same: give one of them"));
  if ((username !== undefined) !== (passwordStdin === true))
    problems.push(new CopyCommandError("--username and --password-stdin need each other"));
  if (plainHttp && caFile !== undefined)
    problems.push(new CopyCommandError("--plain-http and --ca-file exclude each other: http has no certificate"));
  return problems;
}

/** Logins are those of this machine, but for the mirror's where one is given. */
async function accessOf(mirror: MirrorAddress, options: CopyCommandOptions, input: Input): Promise<RegistryAccess[]> {
  const { username, plainHttp, plainHttpSource, caFile } = options;
  const sources = plainHttpSource.filter((host) => host !== mirror.host || !plainHttp);
  return [
    {
      host: mirror.host,
      ...(plainHttp && { plainHttp }),
      ...(caFile !== undefined && { caCertificates: [await readAuthority(caFile)] }),
      ...(username !== undefined && { username, password: await readPassword(input) }),
    },
    ...sources.map((host) => ({ host, plainHttp: true })),
  ];
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CopyCommandError(`reading the certificate ${file}: ${reason}`, undefined, { cause: error });
  }
}
