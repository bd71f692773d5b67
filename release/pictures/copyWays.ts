import { arrow, box, card, picture, text } from "./svg";

const WAYS = [
  ["Process", "the machine that runs pulumi up (default)", "strong"],
  ["Kubernetes", "pods of a cluster, as one Job", "line"],
  ["Docker", "a daemon; one platform, another digest", "line"],
] as const;

const row = (index: number): number => 62 + index * 70;

/** Who moves the bytes of images. */
export function copyWays(): string {
  return picture(
    { width: 960, height: 450 },
    {
      title: "Who moves the images",
      description:
        "With Process the machine that runs pulumi up reads from the sources and writes to the mirror; with Kubernetes pods of a cluster " +
        "do; with Docker a daemon does. With AcrImport the registry fetches the images by itself, told by pulumi up. With PullThrough " +
        "nothing is copied: the registry fetches an image when it is asked for.",
    },
    [
      box(30, 48, 150, 382),
      text(105, 220, "sources", "big ink"),
      text(105, 244, "quay.io, docker.io …", "small faint"),
      box(780, 48, 150, 382, "strong"),
      text(855, 220, "your registry", "big ink"),
      text(480, 34, "copyWith", "mono strong"),
      ...WAYS.flatMap(([name, who, line], index) => [
        arrow([[184, row(index) + 27], [306, row(index) + 27]], line), // prettier-ignore
        card([312, row(index), 336, 54], name, who, line),
        arrow([[652, row(index) + 27], [774, row(index) + 27]], line), // prettier-ignore
      ]),
      card([312, row(3), 336, 54], "AcrImport", "the registry is told, and fetches by itself", "line", "paper"),
      arrow([[652, row(3) + 27], [774, row(3) + 27]], "line", true), // prettier-ignore
      text(713, row(3) + 19, "is told", "small faint"),
      arrow([[184, row(3) + 76], [774, row(3) + 76]], "line"), // prettier-ignore
      text(248, row(3) + 68, "the registry reads", "small faint"),
      card(
        [312, row(4) + 30, 336, 54],
        "PullThrough",
        "nothing is copied: the registry fetches when asked",
        "line",
        "paper",
      ),
      arrow([[652, row(4) + 57], [774, row(4) + 57]], "line", true), // prettier-ignore
      text(713, row(4) + 49, "asks once", "small faint"),
    ],
  );
}
