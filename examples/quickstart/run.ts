/**
 * `npm run quickstart`: the main job with embedded parts. Starts a source registry that demands a password and an empty
 * target registry, previews and updates the program in ./index.ts, and proves from the target that every image is there.
 *
 * Needs no cluster, no cloud and no Docker. With `--deploy` (and KUBECONFIG) it deploys the release as well; its pods
 * cannot run, since the embedded images hold no program and nodes cannot reach this machine's loopback.
 */
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { MirroredImage } from "../../src";
import { startEmbeddedRegistries } from "./embeddedRegistries";
import { quickstartImages } from "./images";
import { Stack } from "./stack";
import { findOrInstallTools } from "./tools";
import { verifyMirror } from "./verifyMirror";

async function quickstart(folder: string, deploy: boolean): Promise<void> {
  const say = (line: string): void => console.log(`quickstart: ${line}`);
  const images = quickstartImages();
  const path = await findOrInstallTools(say);
  const registries = await startEmbeddedRegistries(join(folder, "registries"), images);
  try {
    say(`source registry ${registries.source.host}, target registry ${registries.mirror.host}, both ask for a login`);
    const stack = await Stack.open(folder, path.join(delimiter));
    await stack.configure(
      {
        sourceHost: registries.source.host,
        mirrorHost: registries.mirror.host,
        migrationsDigest: images.find(({ repository }) => repository === "shop/migrations")?.image.digest ?? "",
        deploy: String(deploy),
      },
      { sourcePassword: registries.sourcePassword, mirrorPassword: registries.mirrorPassword },
    );
    await stack.preview();
    await stack.up();
    say("the solved values:");
    console.log(JSON.stringify(await stack.output("overrides"), undefined, 2));
    say("asking the target registry for every image of the chart:");
    await verifyMirror(registries.mirror, images, await stack.output<MirroredImage[]>("images"));
    say(`all ${images.length} images verified. Run it again: nothing will change`);
  } finally {
    await registries.source.close();
    await registries.mirror.close();
  }
}

const { values } = parseArgs({
  options: { deploy: { type: "boolean", default: false }, folder: { type: "string", default: ".quickstart" } },
});
quickstart(resolve(values.folder), values.deploy).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
