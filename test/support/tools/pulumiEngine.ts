import { delimiter, dirname, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { SemVer } from "semver";
import { cacheFolder } from "./cacheFolder";
import { runCommand } from "./command";
import { findOnPath } from "../../../src/machine/findOnPath";
import { toStandardError, type Log } from "./log";
import { ensureTools } from "./ensureTool";
import { pins } from "./pins";

/** The folders to put before the PATH so that the pinned engine runs a Node program, dynamic providers included. */
export async function pulumiPath(): Promise<string> {
  return [await ensureTools("pulumi", "pulumi-language-nodejs", "helm"), dynamicProviderFolder()].join(delimiter);
}

/** The steps of `findOrInstallPulumi`, apart so that their order can be tested without a network. */
export interface PulumiSources {
  /** The folder of a `pulumi` of the machine, and its version. */
  onPath(): Promise<{ folder: string; version: string } | undefined>;
  /** Pulumi's own installer; fails without the internet. */
  download(): Promise<string>;
  /** Builds the engine and the language host from their Go modules. */
  build(log: Log): Promise<string>;
}

/**
 * Finds an engine for a user who may have none: the `pulumi` on the PATH, else Pulumi's own installer, else a build from
 * the Go module. Returns the folders to put before the PATH, as `pulumiPath` does.
 */
export async function findOrInstallPulumi(
  log: Log = toStandardError,
  sources: PulumiSources = pulumiSources,
): Promise<string> {
  const engine = await findEngine(log, sources);
  return [engine, dynamicProviderFolder()].join(delimiter);
}

async function findEngine(log: Log, sources: PulumiSources): Promise<string> {
  const found = await sources.onPath();
  if (found) {
    log(`using pulumi ${found.version} from ${found.folder}`);
    return found.folder;
  }
  log(`no pulumi with its Node.js language host on the PATH: installing pulumi ${pins.pulumi} into ${cacheFolder()}`);
  try {
    const folder = await sources.download();
    log(`using pulumi ${pins.pulumi} from ${folder}`);
    return folder;
  } catch (e) {
    log(`Pulumi's installer did not work (${firstLine(e)}): building pulumi ${pins.pulumi} from its Go module instead`);
    return sources.build(log);
  }
}

const firstLine = (e: unknown): string => (e instanceof Error ? e.message : String(e)).split("\n")[0] ?? "";

/** Longer than a download takes on a slow line, shorter than the patience of a person. */
const downloadLimitMs = 5 * 60_000;

const pulumiSources: PulumiSources = {
  async onPath() {
    const pulumi = findOnPath("pulumi");
    // An engine alone, as some distributions package it, cannot run Node programs.
    if (!pulumi || !findOnPath("pulumi-language-nodejs", `${dirname(pulumi)}${delimiter}${process.env["PATH"]}`))
      return;
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    return { folder: dirname(pulumi), version: (await runCommand(pulumi, ["version"], { env })).trim() };
  },
  async download() {
    const root = join(cacheFolder(), "tools", `pulumi-released-${pins.pulumi}`);
    const version = new SemVer(pins.pulumi);
    const installed = PulumiCommand.install({ root, version });
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      const limit = () => reject(new Error(`it did not end within ${downloadLimitMs / 60_000} minutes`));
      timer = setTimeout(limit, downloadLimitMs);
    });
    try {
      return dirname((await Promise.race([installed, tooLong])).command);
    } finally {
      clearTimeout(timer);
      installed.catch(() => undefined);
    }
  },
  build: () => ensureTools("pulumi", "pulumi-language-nodejs"),
};

/** Where the npm package keeps `pulumi-resource-pulumi-nodejs`, which the engine looks for on the PATH. */
function dynamicProviderFolder(): string {
  return dirname(require.resolve("@pulumi/pulumi/package.json"));
}
