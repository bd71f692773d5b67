import { findImages } from "../chart/imageReferences";
import { settableValues } from "../chart/chartValues";
import { formatValuePath } from "../chart/valuePaths";
import { isInMirror } from "../plan/layout";
import { openChart } from "./analysis";
import { EXIT } from "./exitCodes";
import type { Streams } from "./main";
import { formatReport } from "./output";
import { layoutOf } from "./mirrorOption";
import type { MirrorOptions } from "./relocation";

/** `chart-mirror verify CHART --to HOST[/PATH]`: which images the chart, with these values, pulls from elsewhere. */
export async function verifyCommand(name: string, options: MirrorOptions, streams: Streams): Promise<number> {
  const { chart, values, render } = await openChart(name, options);
  const found = findImages(await render(values), { values: settableValues(chart, values) });
  const outside = found.filter(
    ({ reference, certainty }) => certainty !== "possible" && !isInMirror(reference, options.to, layoutOf(options)),
  );
  const rows = outside.map(({ reference, location }) => [
    reference,
    `${location.kind}/${location.name}`,
    formatValuePath(location.path),
  ]);
  const data = outside.map(({ reference, location, why }) => ({ reference, location, why }));
  streams.out(formatReport({ headings: ["image", "object", "path"], rows, data }, options.output ?? "table"));
  const images = (some: typeof found): number => new Set(some.map((image) => image.reference)).size;
  streams.err(`${images(outside)} of ${images(found)} images come from outside the mirror\n`);
  return outside.length > 0 ? EXIT.escapes : EXIT.whole;
}
