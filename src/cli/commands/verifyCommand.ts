import { settableValues } from "../../chart/content/chartValues";
import { requiredReplacements } from "../../chart/find/requiredReplacements";
import { findImages } from "../../chart/find/imageReferences";
import { listedReferences } from "../../chart/find/listedImages";
import { isSchemaDefault, schemaDefaultMessage } from "../../chart/find/schemaDefault";
import { makersWithoutSecret, podMakers } from "../../chart/pullSecrets/customSecrets";
import { registryMentions } from "../../chart/find/registryMentions";
import { registryFindings } from "../../chart/describe/registryFindings";
import { makerFinding } from "../../chart/describe/makerFinding";
import { podPullSecrets } from "../../chart/pullSecrets/pullSecrets";
import { renderBothWays } from "../../chart/compare/upgradeRender";
import { formatValuePath } from "../../chart/content/valuePaths";
import { imageConfirmation } from "../../machine/imageConfirmation";
import { openChart } from "../analysis/analysis";
import { LOOKING_WORDS } from "../options/commandLineWords";
import { EXIT } from "../output/exitCodes";
import type { Streams } from "../output/streams";
import { layoutOf } from "../options/mirrorOption";
import { formatReport } from "../output/output";
import { readRegistries } from "../options/registriesOption";
import { countInvalid, tellEach, type MirrorOptions } from "../analysis/relocation";

/** The options of `chart-mirror verify`. */
export interface VerifyOptions extends Omit<MirrorOptions, "extraImage"> {
  readonly registries?: string;
}

/**
 * `chart-mirror verify CHART --to HOST[/PATH]`: which images the chart, with these values, pulls from elsewhere, and which
 * pods are without the secret that every pod must get.
 *
 * @param remedy the command that tells the values that bring them there
 */
export async function verifyCommand(
  name: string,
  options: VerifyOptions,
  streams: Streams,
  remedy: string,
): Promise<number> {
  const access = await readRegistries(options.registries);
  const opened = await openChart(name, options, access, streams);
  const confirmation = options.confirm ? imageConfirmation(access) : undefined;
  try {
    const { chart, values, render } = opened;
    const { manifests, findings: unknown } = await renderBothWays(chart, values, render);
    const found = findImages(manifests, { values: settableValues(chart, values), listed: listedReferences(chart) });
    const mirrored = {
      mirror: options.to,
      layout: layoutOf(options),
      words: LOOKING_WORDS,
      ignoreImages: options.ignoreImage,
    };
    // What would have to move is what is outside.
    const { replacements, findings } = await requiredReplacements(found, {
      ...mirrored,
      confirm: confirmation?.confirm,
    });
    const registries = registryMentions(manifests, found, settableValues(chart, values));
    tellEach([...unknown, ...findings, ...registryFindings(registries, manifests, manifests, mirrored)], streams);
    const { pullSecret } = options;
    const pods = pullSecret === undefined ? [] : podPullSecrets(manifests, manifests, pullSecret);
    const without = pods.filter(({ via }) => via === "none");
    // Of these nobody knows here whether their pods get it in another way.
    if (pullSecret !== undefined)
      tellEach(
        makersWithoutSecret(podMakers(manifests, found), pullSecret, manifests, manifests).map((maker) =>
          makerFinding(maker, pullSecret),
        ),
        streams,
      );
    for (const { kind, name: pod } of without)
      streams.err(`error: the pods of ${kind} ${pod} do not get the pull secret ${pullSecret}\n`);

    const outside = replacements.map((replacement) => replacement.found).filter((found) => !isSchemaDefault(found));
    for (const { found } of replacements)
      if (isSchemaDefault(found)) streams.err(`warning: ${schemaDefaultMessage(found)}\n`);
    const rows = outside.map(({ reference, location }) => [
      reference,
      `${location.kind}/${location.name}`,
      formatValuePath(location.path),
    ]);
    const data = outside.map(({ reference, location, why }) => ({ reference, location, why }));
    streams.out(formatReport({ headings: ["image", "object", "path"], rows, data }, options.output ?? "table"));
    const invalid = countInvalid(findings);
    const images = (some: typeof found): number => new Set(some.map((image) => image.reference)).size;
    streams.err(
      `${images(outside)} of ${images(found)} images come from outside the mirror${invalid > 0 ? `, ${invalid} cannot be pulled` : ""}\n`,
    );
    if (pods.length > 0) streams.err(`${without.length} of ${pods.length} pods lack the pull secret\n`);
    if (outside.length === 0 && without.length === 0) return EXIT.whole;
    streams.err(`The values that bring them there, and what no value can, are told by: ${remedy}\n`);
    return EXIT.escapes;
  } finally {
    confirmation?.close();
    await opened.close();
  }
}
