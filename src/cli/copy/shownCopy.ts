import { localRegistries } from "../../machine/localRegistries";
import type { CopyOptions } from "../../oci/copy/copyOptions";
import type { Registries, RegistriesOptions } from "../../oci/registries";
import type { RegistryAccess } from "../../oci/transport/access";
import type { SettingWords } from "../../settingWords";
import type { Streams } from "../output/streams";
import type { CopyDisplay } from "./copyDisplay";
import type { FailedImage } from "./copyFailures";
import { copyImages, previewImages, type CopyRun, type TellImage } from "./copyRun";
import type { SelectedImage } from "./copySelection";

/** The registries of a copy that a display tells of: why it waits, and what it is warned of. */
export function shownRegistries(
  display: CopyDisplay,
  access: readonly RegistryAccess[],
  { concurrency }: { readonly concurrency?: number },
  more: Pick<RegistriesOptions, "sessions"> = {},
): Registries {
  return localRegistries(access, {
    ...(concurrency !== undefined && { limits: { transfers: concurrency } }),
    ...more,
    onEvent: (event) => display.wait(event),
    warn: (message) => display.note(`warning: ${message}`),
  });
}

/** Does the work while a display goes on by itself. @param goesOn whether the same command goes on where an interrupt ends it */
export async function whileShown<T>(
  display: CopyDisplay,
  streams: Streams,
  goesOn: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const ticks = setInterval(() => display.tick(), 1000);
  const forget = streams.onInterrupt?.(() => display.interrupted(goesOn));
  try {
    return await work();
  } finally {
    clearInterval(ticks);
    forget?.();
  }
}

/** What a copy of some images needs, or what finds out what it would do. */
export interface ShownCopy {
  readonly images: readonly SelectedImage[];
  /** Closed when all have come to their end. */
  readonly registries: Registries;
  readonly dryRun: boolean | undefined;
  readonly options: Omit<CopyOptions, "onProgress">;
  /** Told of each image. Default: it is a line of the display. */
  readonly tell?: TellImage;
}

/** Copies images, or only finds out what that would do, while a display tells of it. */
export async function copyShown(
  { images, registries, dryRun, options, tell = (line) => display.line(line) }: ShownCopy,
  display: CopyDisplay,
  streams: Streams,
): Promise<CopyRun> {
  const copyOptions: CopyOptions = { ...options, onProgress: (event) => display.event(event) };
  const done = (): void => display.imageDone();
  try {
    return await whileShown(display, streams, !dryRun, async () => {
      const run = await (dryRun ? previewImages : copyImages)(images, registries, copyOptions, tell, done);
      display.close();
      return run;
    });
  } finally {
    registries.close();
  }
}

/** Says which images failed, and how repositories are made that ECR lacks. */
export function tellFailures(failed: readonly FailedImage[], streams: Streams, words?: SettingWords): void {
  const { failureText } = require("./copyFailures") as typeof import("./copyFailures");
  const { createRepositoriesCommands } = require("./ecrRepositories") as typeof import("./ecrRepositories");
  streams.err(`${failureText(failed, words)}\n`);
  for (const command of createRepositoriesCommands(failed))
    streams.err(`All repositories that ECR lacks are created by: ${command}\n`);
}
