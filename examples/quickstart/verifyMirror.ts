import type { MirroredImage } from "../../src";
import type { TestRegistry } from "../../test/support/registry";
import type { QuickstartImage } from "./images";

/**
 * Checks in the mirror's own storage, not in what Pulumi says, that each image of the chart is there under the reported
 * target: same digest, every platform, every blob with the right bytes.
 *
 * @throws when one is not, after it has said what is wrong
 */
export async function verifyMirror(
  mirror: TestRegistry,
  images: readonly QuickstartImage[],
  reported: readonly MirroredImage[],
): Promise<void> {
  const failures: string[] = [];
  for (const { host, repository, tag, image } of images) {
    const source = tag === undefined ? `${host}/${repository}@${image.digest}` : `${host}/${repository}:${tag}`;
    const target = reported.find((entry) => entry.source === source)?.target;
    if (target === undefined) {
      failures.push(`${source} was not mirrored`);
      continue;
    }
    const path = target.slice(mirror.host.length + 1);
    const [targetRepository = "", name = ""] = path.includes("@") ? path.split("@") : path.split(":");
    const digest = name.startsWith("sha256:") ? name : mirror.tag(targetRepository, name);
    if (digest !== image.digest) failures.push(`${target} has the digest ${digest} instead of ${image.digest}`);
    const defects = await mirror.defects(targetRepository, name);
    failures.push(...defects.map((defect) => `${target}: ${defect}`));
    if (digest === image.digest && defects.length === 0) console.log(`  ok  ${target}  ${digest}`);
  }
  failures.forEach((failure) => console.error(failure));
  if (failures.length > 0) throw new Error(`${failures.length} of ${images.length} images are not as they should be`);
}
