import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pushImage } from "../../test/support/images";
import { startRegistry, type TestRegistry } from "../../test/support/registry";
import type { QuickstartImage } from "./images";

/** What outlives a run, so that the next one finds the same registries at the same addresses. */
interface Settings {
  sourcePort: number;
  mirrorPort: number;
  sourcePassword: string;
  mirrorPassword: string;
}

export interface EmbeddedRegistries extends Settings {
  /** Holds the chart's images for whoever logs in as `reader`. */
  source: TestRegistry;
  /** Where `ci` mirrors them to. */
  mirror: TestRegistry;
}

/**
 * Starts both registries on loopback, with their content under `folder`: on free ports the first time, on the same ones
 * afterwards, since the mirror's address is part of every image's name.
 */
export async function startEmbeddedRegistries(
  folder: string,
  images: readonly QuickstartImage[],
): Promise<EmbeddedRegistries> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "settings.json");
  const saved = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as Settings,
    () => undefined,
  );
  const sourcePassword = saved?.sourcePassword ?? randomBytes(12).toString("base64url");
  const mirrorPassword = saved?.mirrorPassword ?? randomBytes(12).toString("base64url");
  const source = await startKept(folder, "source", saved?.sourcePort, { reader: sourcePassword });
  const mirror = await startKept(folder, "mirror", saved?.mirrorPort, { ci: mirrorPassword });
  await pushQuickstartImages(source, images);

  const settings = { sourcePort: portOf(source), mirrorPort: portOf(mirror), sourcePassword, mirrorPassword };
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  return { ...settings, source, mirror };
}

/** Puts the chart's images into the source. */
export async function pushQuickstartImages(source: TestRegistry, images: readonly QuickstartImage[]): Promise<void> {
  for (const { repository, tag, image } of images)
    await pushImage(source, tag === undefined ? repository : `${repository}:${tag}`, image);
}

/** Starts a registry whose content is kept in a folder of its name. @param port that of the run before */
export async function startKept(
  folder: string,
  name: string,
  port: number | undefined,
  users: Record<string, string>,
): Promise<TestRegistry> {
  try {
    return await startRegistry({
      storage: { folder: join(folder, name) },
      auth: { scheme: "basic", users },
      ...(port !== undefined && { port }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Error(`Port ${port} of the ${name} registry is taken. Free it, or start over: rm -r ${folder}`, {
      cause: error,
    });
  }
}

/** Where a registry listens. */
export function portOf(registry: TestRegistry): number {
  return Number(new URL(registry.url).port);
}
