import type { JsonObject } from "../../json";
import { coalescedValues } from "../content/chartValues";
import type { Chart } from "../content/chart";
import type { Render } from "../render/render";
import type { FoundImage } from "../find/foundImage";
import { findImages } from "../find/imageReferences";

/**
 * The images of a chart whose reference is another one with other values, in whatever way the chart makes the one of the
 * other.
 *
 * @throws {RenderError} when the chart does not render with one of them
 */
export async function imagesThatFollow(
  chart: Chart,
  render: Render,
  values: JsonObject,
  others: JsonObject,
): Promise<FoundImage[]> {
  const find = async (some: JsonObject): Promise<FoundImage[]> =>
    findImages(await render(some), { values: coalescedValues(chart, some) });
  const [found, elsewhere] = await Promise.all([find(values), find(others)]);
  const known = new Set(elsewhere.map(({ reference }) => reference));
  return found.filter(({ reference }) => !known.has(reference));
}
