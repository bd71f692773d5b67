import { arrow, box, picture, text } from "./svg";

/** The steps of the graph, in the order in which they wait for one another. */
const STEPS = [
  ["find images", "chart, rendered"],
  ["repositories", "ECR, ACR, Quay"],
  ["copy images", "digests unchanged"],
  ["pull secret", "or node identity"],
  ["release", "with solved values"],
] as const;

const SOURCES = ["docker.io", "quay.io", "registry.k8s.io"];
const PODS = ["api", "worker", "redis"];

const [WIDTH, HEIGHT] = [960, 430];

/** What the package does: a chart's images from their registries to one's own, and the pods that pull them there. */
export function overview(): string {
  const step = { width: 148, gap: 24, top: 62 };
  const left = (index: number): number => 62 + index * (step.width + step.gap);
  const graph = [
    box(36, 20, 888, 126, "strong", "paper"),
    text(56, 46, "pulumi up", "mono strong", "start"),
    text(904, 46, "one dependency graph, complete in pulumi preview", "small faint", "end"),
    ...STEPS.flatMap(([name, about], index) => [
      box(left(index), step.top, step.width, 62),
      text(left(index) + step.width / 2, step.top + 27, name, "big ink"),
      text(left(index) + step.width / 2, step.top + 48, about, "small faint"),
      ...(index > 0
        ? [
            arrow([
              [left(index) - step.gap + 2, step.top + 31],
              [left(index) - 3, step.top + 31],
            ]),
          ]
        : []),
    ]),
  ];
  const sources = SOURCES.flatMap((host, index) => [
    box(36, 214 + index * 58, 190, 44),
    text(131, 241 + index * 58, host, "mono ink"),
  ]);
  const mirror = [
    box(356, 214, 248, 160, "strong"),
    text(480, 244, "your registry", "big ink"),
    text(480, 270, "registry.example.com/platform", "mono small strong"),
    text(480, 300, "bitnami/redis:7.2.5", "mono small faint"),
    text(480, 322, "shop/api:2.4.1", "mono small faint"),
    text(480, 344, "shop/worker:2.4.1", "mono small faint"),
  ];
  const cluster = [
    box(734, 214, 190, 160),
    text(829, 240, "cluster", "big ink"),
    ...PODS.flatMap((pod, index) => [
      box(754, 254 + index * 38, 150, 30, "good", "paper"),
      text(829, 274 + index * 38, `${pod}: Running`, "mono small good"),
    ]),
  ];
  const ways = [
    ...SOURCES.map((_, index) => arrow([[230, 236 + index * 58], [350, 262 + index * 32]], "strong")), // prettier-ignore
    text(290, 204, "each blob once", "small faint"),
    arrow([[730, 294], [610, 294]], "good"), // prettier-ignore
    text(670, 282, "pulls", "small faint"),
    arrow([[829, 378], [829, 404], [131, 404], [131, 382]], "bad", true), // prettier-ignore
    box(392, 390, 176, 28, "bad", "paper"),
    text(480, 409, "nothing from outside", "small bad"),
    arrow([[left(2) + step.width / 2, step.top + 62], [480, 208]], "line", true), // prettier-ignore
    arrow([[left(4) + step.width / 2, step.top + 62], [left(4) + step.width / 2, 208]], "line", true), // prettier-ignore
  ];
  return picture(
    { width: WIDTH, height: HEIGHT },
    {
      title: "A Helm chart that runs from your own registry",
      description:
        "pulumi up finds a chart's images, makes repositories, copies the images from docker.io, quay.io and " +
        "registry.k8s.io to your registry, makes the pull secret and deploys the release with solved values. " +
        "The cluster's pods pull from your registry, and nothing from outside.",
    },
    [...graph, ...sources, ...mirror, ...cluster, ...ways],
  );
}
