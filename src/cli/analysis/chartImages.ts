import { settableValues } from "../../chart/content/chartValues";
import { requiredReplacements } from "../../chart/find/requiredReplacements";
import { findImages } from "../../chart/find/imageReferences";
import { listedReferences } from "../../chart/find/listedImages";
import { renderBothWays } from "../../chart/compare/upgradeRender";
import { mergeValues } from "../../chart/content/valuePaths";
import type { ImageReference } from "../../image/reference";
import { imageConfirmation } from "../../machine/imageConfirmation";
import type { MirrorAddress } from "../../plan/layout";
import type { JsonObject } from "../../json";
import { openChart } from "./analysis";
import type { SelectionOptions } from "../copy/selectionOptions";
import { LOOKING_WORDS } from "../options/commandLineWords";
import type { Streams } from "../output/streams";
import { layoutOf } from "../options/mirrorOption";
import { STACKSTATE_CHART, STACKSTATE_VALUES } from "../copy/stackStateScript";

type Opened = Awaited<ReturnType<typeof openChart>>;

/** Renders a chart with the user's values, in StackState's script with those that it gives to each chart. */
async function renderedWith(
  { chart, values: own, render }: Opened,
  script: boolean,
): Promise<{ values: JsonObject; rendered: Awaited<ReturnType<typeof renderBothWays>> }> {
  const plain = async () => ({ values: own, rendered: await renderBothWays(chart, own, render) });
  if (!script && chart.metadata.name !== STACKSTATE_CHART) return plain();
  const values = mergeValues(STACKSTATE_VALUES, own);
  try {
    return { values, rendered: await renderBothWays(chart, values, render) };
  } catch (error) {
    // A chart with a schema may refuse values that it does not know.
    return plain().catch(() => {
      throw error;
    });
  }
}

/**
 * The images of a chart, as its manifests write them, in their order. What the analysis warns of goes to standard error.
 *
 * @param name folder, archive, `oci://` reference, or a chart's name in `options.repo`
 */
export async function chartImages(
  name: string,
  mirror: MirrorAddress,
  options: SelectionOptions,
  streams: Streams,
): Promise<{ written: string; source: ImageReference }[]> {
  const confirmation = options.confirm ? imageConfirmation(options.access) : undefined;
  const opened = await openChart(name, options, options.access ?? [], streams);
  try {
    const { values, rendered } = await renderedWith(opened, options.scriptValues === true);
    const { chart } = opened;
    const { replacements, findings } = await requiredReplacements(
      findImages(rendered.manifests, { values: settableValues(chart, values), listed: listedReferences(chart) }),
      {
        mirror,
        layout: layoutOf(options),
        words: LOOKING_WORDS,
        ignoreImages: options.ignoreImage,
        confirm: confirmation?.confirm,
      },
    );
    for (const { severity, message } of [...rendered.findings, ...findings])
      if (severity === "warning") streams.err(`warning: ${message}\n`);
    return replacements
      .filter(({ incomplete }) => !incomplete)
      .map(({ found, source }) => ({ written: found.reference, source }));
  } finally {
    confirmation?.close();
    await opened.close();
  }
}
