import type { ClusterImage } from "../../kubernetes/clusterImages/imagesByReference";
import { printableLine, shortened } from "../../printable";
import type { ExtraImagesForm } from "./clusterOptions";

const LONGEST_COMMENT = 160;

/** Images as the argument `extraImages` takes them, each with where it was seen. */
export function extraImagesText(images: readonly ClusterImage[], form: ExtraImagesForm): string {
  if (images.length === 0) return form === "ts" ? "extraImages: [],\n" : "extraImages: []\n";
  const lines = images.map((image) => {
    // A reference has no quote, and in quotes a name of digits is no number.
    const text = JSON.stringify(image.reference);
    const comment = printableLine(shortened(seenAt(image), LONGEST_COMMENT).replace(/\s+/g, " "));
    return form === "ts" ? `  ${text}, // ${comment}\n` : `  - ${text} # ${comment}\n`;
  });
  return form === "ts" ? `extraImages: [\n${lines.join("")}],\n` : `extraImages:\n${lines.join("")}`;
}

function seenAt({ uses: [use], refused, audited, digests }: ClusterImage): string {
  const [told] = [...refused, ...audited];
  const digest = digests.length === 1 && digests[0] !== undefined ? `, ${digests[0]}` : "";
  if (use) return `${use.container} of ${use.namespace}/${use.owners.at(-1) ?? use.pods[0] ?? ""}${digest}`;
  return told ? `${told.container} of ${told.namespace}/${told.object}` : "";
}
