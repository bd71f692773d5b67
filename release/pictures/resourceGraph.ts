import { arrow, box, card, picture, text } from "./svg";

const IMAGES = ["shop/api", "bitnami/redis", "tools/grafana"];
const RELEASES = ["shop", "tools"];

const row = (index: number): number => 76 + index * 72;

/** What a program makes: resources of two releases on one registry, in the order in which they wait for one another. */
export function resourceGraph(): string {
  const release = (index: number): number => 96 + index * 104;
  const needs = [
    [0, 0],
    [1, 0],
    [1, 1],
    [2, 1],
  ] as const;
  const columns = [
    [105, "the registry"],
    [300, "repositories (ECR)"],
    [510, "one copy for each image"],
    [706, "pull secrets, if any"],
    [866, "releases"],
  ] as const;
  return picture(
    { width: 960, height: 372 },
    {
      title: "The resources of two releases on one registry",
      description:
        "The registry makes a repository for each image, where it is ECR; an ImageCopy fills it. The image bitnami/redis is needed by both releases " +
        "and copied once. Each release has a pull secret, where nodes need one, whose login is tried before, and waits for its copies and its secret.",
    },
    [
      ...columns.map(([x, name]) => text(x, 34, name, "ink strong-text")),
      card([30, 148, 150, 58], "registry", "EcrRegistry …", "strong"),
      ...IMAGES.flatMap((image, index) => [
        arrow([[184, 177], [216, row(index) + 24]]), // prettier-ignore
        card([220, row(index), 160, 48], "Repository", `platform/${image}`),
        arrow([[384, row(index) + 24], [416, row(index) + 24]]), // prettier-ignore
        card([420, row(index), 180, 48], "ImageCopy", image),
      ]),
      ...needs.map(([image, to]) => arrow([[604, row(image) + 24], [640, release(to) + 29]], image === 1 ? "strong" : "line")), // prettier-ignore
      ...RELEASES.flatMap((name, index) => [
        card([644, release(index), 124, 58], "PullSecret", `${name}-pull`),
        arrow([[772, release(index) + 29], [796, release(index) + 29]]), // prettier-ignore
        card([800, release(index), 132, 58], "Release", name, "good"),
      ]),
      box(30, 302, 902, 50, "line", "paper"),
      text(480, 323, "An arrow means: waits for. A copy that fails, or a login that is wrong, leaves the cluster as it is.", "small ink"), // prettier-ignore
      text(480, 341, "bitnami/redis is needed twice, copied once. A second pulumi up changes nothing.", "small strong"),
    ],
  );
}
