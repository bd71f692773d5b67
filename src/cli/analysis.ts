import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { MirrorError } from "../error";
import type { Chart } from "../chart/chart";
import { ChartCopy } from "../chart/chartCopy";
import { readChart } from "../chart/chartFiles";
import { helmCommand } from "../chart/helmCommand";
import type { Render, RenderOptions } from "../chart/render";
import type { JsonObject } from "../json";
import type { OutputFormat } from "./output";
import { readValues } from "./readValues";

/** The options that every command takes. */
export interface ChartOptions {
  readonly repo?: string;
  readonly version?: string;
  readonly releaseName: string;
  readonly values: readonly string[];
  readonly set: readonly string[];
  readonly namespace: string;
  readonly kubeVersion?: string;
  readonly apiVersions: readonly string[];
  readonly output?: OutputFormat;
}

/** A chart with all that its analysis needs. */
export interface OpenChart {
  readonly chart: Chart;
  readonly folder: string;
  readonly values: JsonObject;
  readonly render: Render;
  /** Renders a copy of the chart with these files changed, the same way. */
  readonly renderPatched: (files: ReadonlyMap<string, string>) => Promise<Render>;
  /** Removes what was written on the way. */
  readonly close: () => Promise<void>;
}

/** There is no `helm` on this machine. `code` is `HELM_NOT_FOUND`. */
export class HelmNotFoundError extends MirrorError {
  override readonly name = "HelmNotFoundError";
  constructor() {
    super(
      "HELM_NOT_FOUND",
      "looking for helm failed: it is not on the PATH",
      "Install Helm 3, or set HELM to its path",
    );
  }
}

/** Path of the helm command: `HELM` where it is set, as Helm's own plugins have it, else the first on the PATH. */
export function findHelm(environment: NodeJS.ProcessEnv = process.env): string {
  const { HELM, PATH = "" } = environment;
  if (HELM) return HELM;
  for (const folder of PATH.split(delimiter)) {
    const candidate = join(folder, process.platform === "win32" ? "helm.exe" : "helm");
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  throw new HelmNotFoundError();
}

/** Renders a folder with the options of the command line. */
export function renderOf(folder: string, options: ChartOptions): Render {
  const rendering: RenderOptions = {
    chart: folder,
    releaseName: options.releaseName,
    namespace: options.namespace,
    apiVersions: options.apiVersions,
    ...(options.kubeVersion !== undefined && { kubeVersion: options.kubeVersion }),
  };
  return helmCommand(findHelm(), rendering);
}

/** Opens the chart that the command line names, with the values that it gives. */
export async function openChart(name: string, options: ChartOptions): Promise<OpenChart> {
  const values = await readValues(options.values, options.set);
  const chart = await readChart(name);
  let copy: Promise<ChartCopy> | undefined;
  let scratch: string | undefined;
  const makeCopy = async (): Promise<ChartCopy> => {
    scratch = await mkdtemp(join(tmpdir(), "chart-mirror-"));
    return ChartCopy.create(name, join(scratch, chart.metadata.name));
  };
  return {
    chart,
    folder: name,
    values,
    render: renderOf(name, options),
    renderPatched: async (files) => {
      const { folder } = await (copy ??= makeCopy());
      const render = renderOf(folder, options);
      return async (given) => {
        await (await copy)?.apply(files);
        return render(given);
      };
    },
    close: async () => {
      if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
    },
  };
}
