import { arrow, box, card, picture, text } from "./svg";

const WAYS = [
  ["a pod of the chart", "a value, or a patch", "pullSecret"],
  ["a pod of an operator", "its service account", "pullSecret.serviceAccounts"],
  ["a pod on EKS or AKS", "the node's identity", "no Secret at all"],
] as const;

const row = (index: number): number => 118 + index * 80;

/** How pods come to a login of the mirror, and who keeps the Secret fresh. */
export function pullLogin(): string {
  const fresh = [
    ["SecretPatch", "writes the logins, in place", 420],
    ["CronJob", "renews ECR's tokens", 620],
  ] as const;
  return picture(
    { width: 960, height: 356 },
    {
      title: "How a pod gets its login",
      description:
        "A pod of the chart names the Secret by a value or in a patched copy of the chart. A pod that an operator makes has it by its " +
        "service account. On EKS or AKS the node's own identity pulls, and there is no Secret. The Secret's logins are written in " +
        "place by a SecretPatch, and tokens that end are renewed by a CronJob.",
    },
    [
      ...fresh.map(([name, about, x]) => card([x, 22, 188, 52], name, about)),
      arrow([[514, 78], [560, 112]]), // prettier-ignore
      arrow([[714, 78], [650, 112]], "line", true), // prettier-ignore
      ...WAYS.flatMap(([pod, by, option], index) => [
        card([24, row(index), 186, 58], pod, option, "good"),
        arrow([[214, row(index) + 29], [240, row(index) + 29]]), // prettier-ignore
        card([244, row(index), 196, 58], by, index < 2 ? "names the Secret" : "a role of AWS or Azure"),
      ]),
      box(492, 118, 226, 138, "strong"),
      text(605, 150, "Secret shop-pull", "strong strong-text"),
      text(605, 178, "made once, never replaced", "small faint"),
      text(605, 200, "in each namespace of the release", "small faint"),
      text(605, 222, "tried before the release: PullCheck", "small faint"),
      arrow([[444, 147], [486, 165]]), // prettier-ignore
      arrow([[444, 227], [486, 209]]), // prettier-ignore
      arrow([[722, 187], [774, 187]], "good"), // prettier-ignore
      text(748, 177, "login", "small faint"),
      box(780, 118, 150, 218, "strong"),
      text(855, 212, "your registry", "big ink"),
      text(855, 236, "the copies", "small faint"),
      arrow([[444, 307], [774, 307]], "good"), // prettier-ignore
      text(604, 297, "login of the node, renewed by the cloud", "small faint"),
    ],
  );
}
