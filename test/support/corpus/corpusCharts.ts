import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** One chart to judge, with the values that it needs to render. */
export interface CorpusChart {
  readonly id: string;
  readonly folder: string;
  readonly values: readonly string[];
  readonly kubeVersion?: string;
}

/** An entry of a list of charts: `[{ "id": "shop", "values": ["ci/values.yaml"], "kubeVersion": "1.30" }]`. */
interface ListedChart {
  readonly id: string;
  readonly values?: readonly string[] | null;
  readonly kubeVersion?: string | null;
}

/**
 * The charts of a folder: every folder in it that has a Chart.yaml. Values that a chart needs stand beside it, as
 * `ID.values.yaml`, or are named by a list, with paths inside the chart.
 */
export function corpusCharts(folder: string, list?: string): CorpusChart[] {
  const listed = list === undefined ? [] : (JSON.parse(readFileSync(list, "utf8")) as ListedChart[]);
  const byId = new Map(listed.map((entry) => [entry.id, entry]));
  const ids = readdirSync(folder)
    .filter((id) => existsSync(join(folder, id, "Chart.yaml")) && (list === undefined || byId.has(id)))
    .sort();
  return ids.map((id) => {
    const chart = resolve(folder, id);
    const beside = `${chart}.values.yaml`;
    const { values, kubeVersion } = byId.get(id) ?? {};
    return {
      id,
      folder: chart,
      values: [...(values ?? []).map((file) => join(chart, file)), ...(existsSync(beside) ? [beside] : [])],
      ...(kubeVersion && { kubeVersion }),
    };
  });
}
