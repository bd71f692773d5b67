import { foreignSchemas } from "../../chart/content/schemaReferences";
import { MirrorError } from "../../error";
import type { Chart } from "../../chart/content/chart";
import { helmCommand } from "../../chart/render/helmCommand";
import { manifestParser } from "../../chart/render/kubernetesManifest";
import type { Render, RenderOptions } from "../../chart/render/render";
import { repositoryFindings } from "../../chart/source/ignoredRepository";
import { loadChart, withoutLogin } from "../../chart/source/source";
import type { WrittenNumber } from "../../chart/content/writtenNumbers";
import type { JsonObject } from "../../json";
import { ChartScratch } from "../../machine/chartScratch";
import { findHelm } from "../../machine/findHelm";
import { localChartSources } from "../../machine/localChartSources";
import type { RegistryAccess } from "../../oci/transport/access";
import type { OutputFormat } from "../output/outputFormat";
import type { Streams } from "../output/streams";
import type { Input } from "../options/passwordInput";
import { readValues, type ValueArguments } from "../options/readValues";

/** The options that every command takes. */
export interface ChartOptions {
  readonly repo?: string;
  readonly version?: string;
  readonly releaseName: string;
  readonly values: readonly string[];
  readonly set: readonly string[];
  readonly setString?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setFile?: readonly string[];
  readonly setLiteral?: readonly string[];
  readonly namespace: string;
  readonly kubeVersion?: string;
  readonly apiVersions: readonly string[];
  readonly output?: OutputFormat;
  /** Standard input, where a file of values is `-`. */
  readonly input: Input;
}

/** A chart with all that its analysis needs. */
export interface OpenChart {
  readonly chart: Chart;
  readonly folder: string;
  readonly values: JsonObject;
  /** Numbers among the values that are not what stands in their files. */
  readonly numbers: readonly WrittenNumber[];
  readonly render: Render;
  /** Renders a copy of the chart with these files changed, the same way. */
  readonly renderPatched: (files: ReadonlyMap<string, string>) => Promise<Render>;
  /** Removes what was written on the way. */
  readonly close: () => Promise<void>;
}

/** There is no `helm` on this machine. `code` is `HELM_NOT_FOUND`. */
export function helmNotFound(): MirrorError {
  return new MirrorError(
    "HELM_NOT_FOUND",
    "looking for helm failed: it is not on the PATH",
    "Install Helm 3, or set HELM to its path",
  );
}

/**
 * Opens the chart that the command line names, with the values that it gives.
 *
 * @param access how registries are reached that hold charts
 * @param streams told where another chart is taken than the options may mean
 */
export async function openChart(
  name: string,
  options: ChartOptions,
  access: readonly RegistryAccess[],
  streams: Pick<Streams, "err">,
): Promise<OpenChart> {
  const helm = findHelm();
  if (helm === undefined) throw helmNotFound();
  const { values, integers, numbers } = await readValues(valueArguments(options), options.input);
  const { version, repo } = options;
  const loaded = await loadChart(
    {
      chart: name,
      version,
      repository: repo === undefined ? undefined : { url: repo },
    },
    localChartSources(access),
  );
  const { folder, chart, remove } = loaded;
  for (const { severity, message } of repositoryFindings(loaded)) streams.err(`${severity}: ${message}\n`);
  const skipSchemas = foreignSchemas(chart).length > 0;
  const parse = manifestParser();
  const renderOf = (chartFolder: string): Render =>
    helmCommand(helm, {
      ...renderOptions(options),
      chart: chartFolder,
      name: withoutLogin(name),
      integers,
      skipSchemas,
      parse,
    });
  const scratch = new ChartScratch(folder, chart.metadata.name, renderOf);
  return {
    chart,
    folder,
    values,
    numbers,
    render: renderOf(folder),
    renderPatched: (files) => scratch.renderPatched(files),
    close: async () => {
      await scratch.close();
      await remove?.();
    },
  };
}

function renderOptions(options: ChartOptions): Omit<RenderOptions, "chart"> {
  const { releaseName, namespace, apiVersions, kubeVersion } = options;
  return { releaseName, namespace, apiVersions, kubeVersion };
}

function valueArguments(options: ChartOptions): ValueArguments {
  const { values, set, setString = [], setJson = [], setFile = [], setLiteral = [] } = options;
  return {
    files: values,
    "--set": set,
    "--set-string": setString,
    "--set-json": setJson,
    "--set-file": setFile,
    "--set-literal": setLiteral,
  };
}
