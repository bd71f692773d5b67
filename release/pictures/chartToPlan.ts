import { arrow, box, card, picture, text } from "./svg";

const STEPS = [
  ["load", "as Helm reads it"],
  ["render", "with your values"],
  ["find", "every image"],
  ["solve", "values that decide"],
  ["patch", "where no value does"],
  ["verify", "rendered once more"],
] as const;

const CARD = { width: 136, height: 58, gap: 18, left: 27, top: 66 };

/** How a chart becomes a plan: the steps of the analysis, and its two ends. */
export function chartToPlan(): string {
  const left = (index: number): number => CARD.left + index * (CARD.width + CARD.gap);
  const middle = (index: number): number => left(index) + CARD.width / 2;
  const bottom = CARD.top + CARD.height;
  return picture(
    { width: 960, height: 270 },
    {
      title: "From a chart to a plan",
      description:
        "The chart is loaded, rendered with your values, its images are found, the values that decide them are solved by rendering " +
        "with markers, what no value reaches is patched in a copy, and the result is rendered once more. Either every image is in " +
        "the mirror, and there is a plan of images, values, patches and pods; or an image escapes, and the preview fails.",
    },
    [
      ...STEPS.flatMap(([name, about], index) => [
        card([left(index), CARD.top, CARD.width, CARD.height], name, about),
        ...(index === 0 ? [] : [arrow([[left(index) - CARD.gap + 1, CARD.top + 29], [left(index) - 2, CARD.top + 29]])]), // prettier-ignore
      ]),
      arrow([[middle(3), CARD.top - 4], [middle(3), 36], [middle(1), 36], [middle(1), CARD.top - 4]], "strong", true), // prettier-ignore
      text(middle(2), 28, "again, with markers in the values", "small strong"),
      arrow([[middle(5), bottom + 4], [middle(5), 184]], "good"), // prettier-ignore
      arrow([[middle(5) - 30, bottom + 4], [middle(5) - 30, 150], [middle(1), 150], [middle(1), 184]], "bad", true), // prettier-ignore
      box(left(0), 190, left(2) + CARD.width - left(0), 62, "bad", "paper"),
      text(middle(1), 216, "the preview fails: IMAGE_ESCAPES", "bad strong-text"),
      text(middle(1), 237, "an image would still come from elsewhere, by name and place", "small faint"),
      box(left(3), 190, left(5) + CARD.width - left(3), 62, "good", "paper"),
      text(middle(4), 216, "a plan: every image is in the mirror", "good strong-text"),
      text(middle(4), 237, "images with digests · values before and after · patches · pods", "small faint"),
    ],
  );
}
