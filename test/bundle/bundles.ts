import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleParts } from "../../src/bundle/bundleContent";
import { readEarlierBundle, writeBundle } from "../../src/bundle/bundleFile";
import { saveImage } from "../../src/bundle/savedImage";
import { parseReference } from "../../src/image/reference";
import type { CopyOptions } from "../../src/oci/copy/copyOptions";
import type { CopyResult } from "../../src/oci/copy/progress";
import { ImageLayout } from "../../src/oci/layout/imageLayout";
import { checkLayout } from "../../src/oci/layout/layoutCheck";
import { LAYOUT_HOST } from "../../src/oci/layout/localSession";
import { Registries, type RegistriesOptions } from "../../src/oci/registries";
import type { MirrorAddress } from "../../src/plan/layout";
import type { TestRegistry } from "../support/registry";
import { at, FastClock, reach } from "../oci/fixture";

/** A folder of one test file. */
export function scratchFolder(): { readonly path: (name: string) => string } {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chart-mirror-bundle-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return { path: (name) => join(folder, name) };
}

/** Saves images of a registry, by `REPOSITORY:TAG`, into an archive. */
export async function save(
  file: string,
  source: TestRegistry,
  names: readonly string[],
  options: CopyOptions = {},
  { registries: more = {}, since }: { readonly since?: string; readonly registries?: RegistriesOptions } = {},
): Promise<CopyResult[]> {
  const earlier = since === undefined ? {} : { since: await readEarlierBundle(since) };
  return writeBundle(file, earlier, async ({ archive, sessions }) => {
    const registries = new Registries({
      access: [reach(source)],
      sessions,
      clock: new FastClock(),
      stallTimeoutMs: 5000,
      ...more,
    });
    try {
      return await Promise.all(
        names.map((name) => saveImage({ source: at(source, name) }, archive, registries, options)),
      );
    } finally {
      registries.close();
    }
  });
}

/** Loads all images of layouts into a registry; the first has the names. */
export async function load(
  files: readonly string[],
  target: TestRegistry,
  options: CopyOptions = {},
  more: RegistriesOptions = {},
): Promise<CopyResult[]> {
  const [file = ""] = files;
  const layout = await ImageLayout.open(file);
  const mirror: MirrorAddress = { host: target.host, path: "m" };
  const registries = new Registries({
    access: [reach(target), { host: LAYOUT_HOST, layouts: files }],
    clock: new FastClock(),
    stallTimeoutMs: 5000,
    ...more,
  });
  try {
    await checkLayout(layout);
    const { parts } = await bundleParts(layout, mirror, {});
    for (const [digest, repository] of layout.leftOut) {
      const { path } = parseReference(repository);
      registries.noteBlob({ registry: target.host, repository: `m/${path}` }, digest);
    }
    return await Promise.all(
      parts.map(({ source, target: to }) => registries.copy(source, parseReference(to), options)),
    );
  } finally {
    registries.close();
    await layout.close();
  }
}
