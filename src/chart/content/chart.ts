import type { JsonObject, JsonPath } from "../../json";

/** What `Chart.yaml` says, as far as it concerns us ({@link https://helm.sh/docs/topics/charts/#the-chartyaml-file}). */
export interface ChartMetadata {
  readonly apiVersion: string;
  readonly name: string;
  readonly version: string;
  readonly appVersion?: string;
  /** `application` (the default) or `library`. */
  readonly type?: string;
  readonly kubeVersion?: string;
  /** From `Chart.yaml`, or from `requirements.yaml` in charts of `apiVersion: v1`. */
  readonly dependencies: readonly ChartDependency[];
}

export interface ChartDependency {
  readonly name: string;
  /** A SemVer range. */
  readonly version: string;
  readonly repository?: string;
  readonly alias?: string;
  /** Value paths, comma-separated; the first that holds a boolean decides. */
  readonly condition?: string;
  readonly tags: readonly string[];
  /** Values of the sub-chart that the parent takes over. */
  readonly importValues: readonly ImportValue[];
}

export interface ImportValue {
  readonly child: string;
  readonly parent: string;
}

/** A text file of a chart. */
export interface ChartFile {
  /** Inside its own chart, with forward slashes: `templates/deployment.yaml`. */
  readonly path: string;
  /**
   * Inside the root chart's folder, so that it can be patched: `charts/redis/templates/x.yaml`. For a file of a packed
   * sub-chart the archive stands in it as a folder: `charts/redis-1.2.3.tgz/redis/templates/x.yaml`.
   */
  readonly location: string;
  readonly text: string;
}

/** A chart in memory, with its sub-charts. */
export interface Chart {
  readonly metadata: ChartMetadata;
  /** What the parent says of it; absent for the root and for what lies in `charts/` unnamed. */
  readonly dependency?: ChartDependency;
  /** Where the root's values hold those of this chart: `[]` for the root, `["redis"]`, `["redis", "metrics"]`. */
  readonly valuesPath: JsonPath;
  /** Its own `values.yaml`, as Helm reads it. */
  readonly values: JsonObject;
  /** Its `values.schema.json`. */
  readonly schema?: JsonObject;
  /** Every text file, `values.yaml` and templates among them, those of sub-charts not. */
  readonly files: readonly ChartFile[];
  /** One for each dependency under its alias or name, and each folder or archive in `charts/` that nothing names. */
  readonly subcharts: readonly Chart[];
}
