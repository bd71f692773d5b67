import type { JsonObject } from "../../json";
import type { Chart } from "../content/chart";
import type { WrittenNumber } from "../content/writtenNumbers";
import type { ReplacementOptions } from "../find/requiredReplacements";
import type { LinkedAccounts } from "../pullSecrets/linkedAccounts";
import type { Render } from "../render/render";

/** What a relocation starts from. */
export interface RelocateOptions extends ReplacementOptions {
  readonly chart: Chart;
  /** The user's values: they win over the chart's and are never changed, except where they name images. */
  readonly values: JsonObject;
  /** Numbers among them that are not what the user wrote. */
  readonly numbers?: readonly WrittenNumber[];
  readonly render: Render;
  /**
   * Renders a copy of the chart in which these files, by their location, have these texts. With it, what no value
   * reaches is patched; without it, such images escape.
   */
  readonly renderPatched?: (files: ReadonlyMap<string, string>) => Promise<Render>;
  /** Namespace of the release, which objects are in that name none. */
  readonly namespace?: string;
  /** Name of the secret that every pod must get; none unless told. */
  readonly pullSecret?: string;
  /** Service accounts whose pods get the secret without the chart; it is not patched for them. */
  readonly linkedAccounts?: LinkedAccounts;
  /** Images that no analysis of the chart can see, such as defaults compiled into an operator. */
  readonly extraImages?: readonly string[];
}
