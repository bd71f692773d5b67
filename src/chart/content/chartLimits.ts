import { MirrorError } from "../../error";

/** Bounds for one chart: its size, files and depth, sub-charts included. */
export interface ChartLimits {
  /** Bytes that a chart's archives may unpack to, headers and skipped entries among them, or that its folder may hold. */
  readonly unpacked: number;
  /** Bytes of one file. */
  readonly file: number;
  /** Files, folders and other entries. */
  readonly entries: number;
  /** Sub-charts, as often as dependencies name them under an alias. */
  readonly subcharts: number;
  /** How deep sub-charts lie in each other. */
  readonly depth: number;
  /** Dependencies that one `Chart.yaml` may name. */
  readonly dependencies: number;
  /** Characters of what `Chart.yaml` says of dependencies, aliases written out, as often as dependencies name the chart. */
  readonly dependencyText: number;
  /** Maps, lists and scalars of all `values.yaml`, aliases written out, as often as dependencies name the chart. */
  readonly values: number;
  /** Maps, lists and scalars of all YAML that is not rendered: metadata, values and schemas. */
  readonly yaml: number;
  /** Bytes of a `.helmignore`. */
  readonly ignoreFile: number;
  /** Characters that are compared by all rules of a `.helmignore` in all names, each with each at worst. */
  readonly ignoring: number;
}

/**
 * The bounds of every chart that is read. Bytes are Helm's own limits
 * ({@link https://github.com/helm/helm/blob/main/pkg/chart/loader/archive/archive.go}); of the rest the largest charts
 * known have less than a tenth.
 */
export const CHART_LIMITS: ChartLimits = {
  unpacked: 100 * 1024 * 1024,
  file: 5 * 1024 * 1024,
  entries: 20_000,
  subcharts: 1_000,
  depth: 16,
  dependencies: 1_000,
  dependencyText: 200_000,
  values: 1_000_000,
  yaml: 2_000_000,
  ignoreFile: 64 * 1024,
  ignoring: 2_000_000_000,
};

const WORDS: Readonly<Record<keyof ChartLimits, (limit: number, what: string) => string>> = {
  unpacked: (limit) => `it unpacks to more than ${limit} bytes`,
  file: (limit, what) => `its file ${what} is larger than ${limit} bytes`,
  entries: (limit) => `it holds more than ${limit} files and folders`,
  subcharts: (limit) => `it holds more than ${limit} sub-charts, each counted as often as a dependency names it`,
  depth: (limit, what) => `its sub-chart ${what} lies deeper than ${limit} charts`,
  dependencies: (limit, what) => `the Chart.yaml of ${what} names more than ${limit} dependencies`,
  dependencyText: (limit) =>
    `its dependencies (names, versions, conditions, tags, import-values) have more than ${limit} characters`,
  values: (limit) => `its values are more than ${limit} maps, lists and scalars`,
  yaml: (limit) => `its metadata, values and schemas are more than ${limit} maps, lists and scalars`,
  ignoreFile: (limit) => `its .helmignore is larger than ${limit} bytes`,
  ignoring: () => "its .helmignore has too many and too long rules for its files",
};

/** A chart beyond one of the {@link CHART_LIMITS}. `code` is `CHART_TOO_LARGE`. */
export class ChartTooLargeError extends MirrorError {
  override readonly name = "ChartTooLargeError";
  constructor(
    readonly chart: string,
    reason: string,
    options?: { cause?: unknown },
  ) {
    super(
      "CHART_TOO_LARGE",
      `reading chart ${chart} failed: ${reason}`,
      "Check that it is the chart that you mean, and name in its .helmignore what is no part of it",
      options,
    );
  }
}

/** Counts files and bytes while one chart is read, and fails at the first bound that is passed. */
export class ChartBudget {
  readonly #taken = { unpacked: 0, entries: 0, subcharts: 0, dependencyText: 0, values: 0, yaml: 0, ignoring: 0 };

  constructor(
    /** The chart as errors name it. */
    readonly chart: string,
    private readonly limits: ChartLimits = CHART_LIMITS,
  ) {}

  /** Takes so many of what is counted over the whole chart. @throws {ChartTooLargeError} */
  take(what: Exclude<keyof ChartLimits, "file" | "depth" | "dependencies" | "ignoreFile">, amount = 1): void {
    this.#taken[what] += amount;
    this.allow(what, this.#taken[what]);
  }

  /** Looks at one size. @param of the file or chart that has it @throws {ChartTooLargeError} */
  allow(what: keyof ChartLimits, size: number, of = ""): void {
    const limit = this.limits[what];
    if (size > limit) throw new ChartTooLargeError(this.chart, WORDS[what](limit, of));
  }
}
