import { arrow, box, card, picture, text } from "./svg";

/** A release carried over an air gap: what each side reaches. */
export function airGap(): string {
  return picture(
    { width: 960, height: 330 },
    {
      title: "Over an air gap",
      description:
        "Outside, chart-mirror save reads charts and images from their registries and writes one archive, shop.tar. It is carried over the " +
        "gap. Inside, chart-mirror load brings it into your registry, and pulumi up with sourceBundle reads chart, plan and images " +
        "from it. Pods pull from your registry; no line crosses the gap but the archive.",
    },
    [
      box(24, 20, 330, 290, "line", "paper"),
      text(44, 46, "outside", "ink strong-text", "start"),
      card([44, 64, 136, 50], "registries", "images"),
      card([198, 64, 136, 50], "repositories", "charts"),
      arrow([[112, 118], [160, 162]]), // prettier-ignore
      arrow([[266, 118], [218, 162]]), // prettier-ignore
      card([84, 168, 210, 54], "chart-mirror save", "each blob once, all platforms", "strong"),
      text(189, 262, "signatures with --referrers", "small faint"),
      text(189, 282, "only what is new with --since", "small faint"),
      box(370, 20, 120, 290, "bad", "paper"),
      text(430, 46, "no network", "bad strong-text"),
      arrow([[298, 195], [374, 195]], "strong"), // prettier-ignore
      card([378, 168, 104, 54], "shop.tar", "OCI layout", "strong"),
      box(506, 20, 430, 290, "line", "paper"),
      text(526, 46, "inside", "ink strong-text", "start"),
      arrow([[486, 195], [524, 195]], "strong"), // prettier-ignore
      card([530, 168, 170, 54], "chart-mirror load", "asks your registry alone", "strong"),
      card([530, 64, 170, 54], "pulumi up", 'sourceBundle: "shop.tar"', "strong"),
      arrow([[486, 182], [526, 104]], "strong"), // prettier-ignore
      arrow([[704, 195], [754, 195]]), // prettier-ignore
      arrow([[704, 91], [754, 91]]), // prettier-ignore
      arrow([[704, 112], [754, 176]]), // prettier-ignore
      card([760, 168, 156, 54], "your registry", "the same digests", "strong"),
      card([760, 64, 156, 54], "release", "values of your registry"),
      card([760, 254, 156, 44], "pods: Running", "", "good"),
      arrow([[838, 250], [838, 226]], "good"), // prettier-ignore
      text(828, 243, "pull", "small faint", "end"),
    ],
  );
}
