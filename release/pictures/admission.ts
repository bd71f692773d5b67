import { arrow, box, card, picture, text } from "./svg";

const MODES = [
  ["warn", "the pod runs; its maker is warned, the audit log has it", "strong"],
  ["deny", "the pod is refused, with the image's name", "bad"],
  ["rewrite", "the pod runs the mirror's copy of the image", "good"],
] as const;

/** What the API server does with a pod whose image no chart shows. */
export function admission(): string {
  return picture(
    { width: 960, height: 318 },
    {
      title: "Pods that no chart shows",
      description:
        "An operator, an injected sidecar or kubectl debug makes a pod with an image of quay.io. The API server compares it with the " +
        "mirror's prefixes, exceptions and images in the namespace's annotations: an image of the mirror passes; one from outside is " +
        "warned of, refused, or rewritten to the mirror's copy.",
    },
    [
      ...["an operator", "an injected sidecar", "kubectl debug"].flatMap((maker, index) => [
        card([24, 54 + index * 66, 176, 48], maker, ""),
        arrow([[204, 78 + index * 66], [286, 120 + index * 24]]), // prettier-ignore
      ]),
      text(24, 268, "quay.io/vendor/engine:4.2", "mono small faint", "start"),
      box(292, 40, 236, 208, "strong"),
      text(410, 70, "API server", "big ink"),
      text(410, 94, "admission policies, no webhook", "small faint"),
      box(308, 112, 204, 120, "line", "paper"),
      text(410, 136, "annotations of the namespace", "small ink"),
      text(410, 162, "prefixes of the mirror", "small faint"),
      text(410, 184, "exceptions", "small faint"),
      text(410, 206, "images that are copied", "small faint"),
      ...MODES.flatMap(([mode, what, line], index) => [
        arrow([[532, 144], [562, 64 + index * 80]], line), // prettier-ignore
        card([568, 40 + index * 80, 368, 48], mode, what, line),
      ]),
      text(752, 268, "registry.example.com/platform/vendor/engine:4.2", "mono small good"),
      text(480, 302, "An image of the mirror, or one that is excepted, passes in every mode.", "small ink"),
    ],
  );
}
