import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseReference } from "../../../src/image/reference";
import { makeImage, pushImage, type SyntheticImage } from "../images";
import type { TestRegistry } from "../registry";

/** An image of a guide's list: its name and tag are the guide's, its content is made up. */
export interface GuideImage {
  /** As the guide writes it. */
  readonly reference: string;
  /** In its registry. */
  readonly repository: string;
  readonly tag: string;
  readonly image: SyntheticImage;
}

const examples = join(__dirname, "../../../examples");

/** The images of an example's guide, from its `images.txt`. */
export function guideImages(example: string, make = madeUp): GuideImage[] {
  const lines = readFileSync(join(examples, example, "images.txt"), "utf8").split("\n");
  return lines
    .filter((line) => line !== "")
    .map((reference) => {
      const { repository, tag = "" } = parseReference(reference);
      return { reference, repository, tag, image: make(reference) };
    });
}

function madeUp(reference: string): SyntheticImage {
  return makeImage({ layers: [{ size: 500, seed: reference }] });
}

export async function pushGuideImages(registry: TestRegistry, images: readonly GuideImage[]): Promise<void> {
  for (const { repository, tag, image } of images) await pushImage(registry, `${repository}:${tag}`, image);
}
