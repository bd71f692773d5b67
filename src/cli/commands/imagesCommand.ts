import { findImages } from "../../chart/find/imageReferences";
import { listedReferences } from "../../chart/find/listedImages";
import { settableValues } from "../../chart/content/chartValues";
import { renderBothWays } from "../../chart/compare/upgradeRender";
import { formatValuePath } from "../../chart/content/valuePaths";
import { openChart, type ChartOptions } from "../analysis/analysis";
import { count } from "../../plan/report/reportWords";
import { EXIT } from "../output/exitCodes";
import type { Streams } from "../output/streams";
import { readRegistries } from "../options/registriesOption";
import { formatReport } from "../output/output";
import { tellEach } from "../analysis/relocation";

/** The options of `chart-mirror images`. */
export interface ImagesOptions extends ChartOptions {
  /** How the registry of an `oci://` chart is reached. */
  readonly registries?: string;
}

/** `chart-mirror images CHART`: every image that the chart would pull, and where it stands. */
export async function imagesCommand(name: string, options: ImagesOptions, streams: Streams): Promise<number> {
  const { chart, values, render } = await openChart(name, options, await readRegistries(options.registries), streams);
  const { manifests, findings } = await renderBothWays(chart, values, render);
  tellEach(findings, streams);
  const listed = listedReferences(chart);
  const found = findImages(manifests, { values: settableValues(chart, values), listed }).filter(
    ({ holdsImages }) => !holdsImages,
  );
  const images = [...new Set(found.map((image) => image.reference))].sort().map((reference) => {
    const places = found.filter((image) => image.reference === reference);
    return { reference, places: places.map(({ location, certainty, why }) => ({ ...location, certainty, why })) };
  });
  const rows = images.map(({ reference, places }) => {
    const [first] = places;
    const where = first ? `${first.kind}/${first.name} ${formatValuePath(first.path)}` : "";
    return [reference, first?.certainty ?? "", places.length > 1 ? `${where} and ${places.length - 1} more` : where];
  });
  streams.out(
    formatReport({ headings: ["image", "certainty", "where"], rows, data: images }, options.output ?? "table"),
  );
  streams.err(`${count(images.length, "image")} in ${count(found.length, "place")}\n`);
  return EXIT.whole;
}
