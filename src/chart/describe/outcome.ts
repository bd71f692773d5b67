import type { Difference } from "../compare/differences";
import type { RefusedChange, Verification } from "../compare/verification";
import type { RequiredReplacement } from "../find/requiredReplacements";
import type { Manifest } from "../render/kubernetesManifest";
import type { CustomSecrets } from "../pullSecrets/customSecrets";
import type { EditPoint } from "../solve/markers";
import type { Solution } from "../solve/overrides";
import type { Changes } from "./changes";

/** What was found for one chart, and how it was judged. */
export interface Outcome {
  readonly changes: Changes;
  readonly solution: Solution;
  readonly verification: Verification;
  /** The render that was judged. */
  readonly after: readonly Manifest[];
  /** What could move a reference, were it not for what else it would change. */
  readonly refused: ReadonlyMap<RequiredReplacement, Refusal>;
  /** Values for pull secrets of custom resources, by their manifest's index, whose form nothing tells. */
  readonly undecided: CustomSecrets["undecided"];
}

/** A place that controls a reference and was given up: more than images would change with it, or the chart refuses the text. */
export type Refusal = { readonly point: EditPoint } & (
  | {
      /** The first of the changes beyond images, or of those that no cluster takes. */
      readonly harm: Difference | RefusedChange;
    }
  | {
      /** What the chart does not take there: its schema or a template of it fails. */
      readonly text: string;
    }
);
