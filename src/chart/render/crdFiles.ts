import type { Chart, ChartFile } from "../content/chart";
import { parseManifests, type Manifest } from "./kubernetesManifest";
import { mayHoldImageDefault } from "./crdDefaults";

/** Reads what Helm installs of a chart's `crds/` folders, with the new text of files that are changed. */
export type CrdFiles = (changed?: ReadonlyMap<string, string>) => readonly Manifest[];

/**
 * What Helm installs as it stands, and `helm template` does not render: the files in `crds/`
 * ({@link https://helm.sh/docs/chart_best_practices/custom_resource_definitions/}). Of CRDs only the defaults count; other objects
 * that lie there are read like rendered ones.
 *
 * @param chart with those sub-charts alone that are enabled
 */
export function crdFiles(chart: Chart): CrdFiles {
  const files = filesOf(chart);
  const unchanged = new Map<ChartFile, readonly Manifest[]>();
  const read = (file: ChartFile): readonly Manifest[] => {
    const manifests = unchanged.get(file) ?? manifestsIn(file.text);
    unchanged.set(file, manifests);
    return manifests;
  };
  return (changed) =>
    files.flatMap((file) => {
      const text = changed?.get(file.location);
      return text === undefined ? read(file) : manifestsIn(text);
    });
}

function filesOf(chart: Chart): ChartFile[] {
  return [
    ...chart.files.filter(({ path, text }) => /^crds\/.*\.(?:ya?ml|json)$/.test(path) && isWorthReading(text)),
    ...chart.subcharts.flatMap(filesOf),
  ];
}

function isWorthReading(text: string): boolean {
  return mayHoldImageDefault(text) || !/^.{0,4}["']?kind["']?[ \t]*:[ \t]*["']?CustomResourceDefinition\b/m.test(text);
}

/** Helm itself reads these files no sooner than at the installation, and tells then what is wrong with them. */
function manifestsIn(text: string): readonly Manifest[] {
  try {
    return parseManifests(text);
  } catch {
    return [];
  }
}
