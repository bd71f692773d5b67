import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RelocationPlan } from "../../../src/plan/relocationPlan";
import type { KubernetesObject } from "../providers/kubernetes/cluster";
import { parseManifests } from "../providers/kubernetes/objects/manifests";
import type { CorpusChart } from "./corpusCharts";
import type { ChartRenders, ServerAnswers } from "./corpusCluster";
import { faultsOf, verdict, type Fault } from "./judgement";
import { imageTexts, outsideImages } from "./outsideImages";
import { podsWithoutSecret } from "./podsWithoutSecret";

/** What came of one chart. */
export interface ChartReport {
  readonly id: string;
  /** `unrendered`: helm itself does not render it; `failed`: the analysis ended with an error, told in `error`. */
  readonly verdict: "works" | "explained" | "silent" | "failed" | "unrendered";
  readonly error?: string;
  readonly exitCode?: number;
  readonly faults: readonly Fault[];
  readonly images?: number;
  readonly patches?: number;
  readonly renders?: number;
  readonly seconds?: number;
  /** Objects that the API server was asked for, those it refuses with or without the mirror, and those of unknown kinds. */
  readonly objects?: { readonly asked: number; readonly refusedBefore: number; readonly unknown: number };
  readonly codes?: readonly string[];
}

export interface JudgeOptions {
  readonly helm: string;
  readonly mirror: string;
  readonly secret: string;
  /** Absent: nothing asks an API server. */
  readonly askServer?: (renders: ChartRenders) => Promise<ServerAnswers>;
}

const CLI = resolve(__dirname, "../../../bin/chart-mirror");

/** Runs `chart-mirror values` on a chart, renders what it wrote with helm, and judges that without the package's own code. */
export async function judgeChart(chart: CorpusChart, options: JudgeOptions): Promise<ChartReport> {
  const { id } = chart;
  const folder = mkdtempSync(join(tmpdir(), "corpus-"));
  try {
    const before = await render(chart, chart.folder, chart.values, options).catch((error: Error) => error);
    if (before instanceof Error) return { id, verdict: "unrendered", error: before.message, faults: [] };
    const [values, out] = [join(folder, "values.yaml"), join(folder, "chart")];
    const started = Date.now();
    const args = [
      ...[CLI, "values", chart.folder, "--to", options.mirror, "--pull-secret", options.secret],
      ...["--values-out", values, "--chart-out", out, "-o", "json"],
      ...chart.values.flatMap((file) => ["--values", file]),
      ...(chart.kubeVersion === undefined ? [] : ["--kube-version", chart.kubeVersion]),
    ];
    const run = await command(process.execPath, args, { ...process.env, HELM: options.helm });
    const seconds = (Date.now() - started) / 1000;
    if (run.stdout === "")
      return { id, verdict: "failed", error: run.stderr.slice(-500), exitCode: run.exitCode, seconds, faults: [] };
    const plan = JSON.parse(run.stdout) as RelocationPlan;
    const mirrored = existsSync(join(out, "Chart.yaml")) ? out : chart.folder;
    const files = [...chart.values, values];
    const [install, upgrade] = [
      await render(chart, mirrored, files, options),
      await render(chart, mirrored, files, options, "--is-upgrade").catch(() => []),
    ];
    const server = await options.askServer?.({ before, install, upgrade });
    const { mirror } = options;
    const outside = [...outsideImages(install, mirror), ...outsideImages(upgrade, mirror)];
    const faults = faultsOf({
      findings: plan.findings,
      outside: [...new Map(outside.map((text) => [JSON.stringify(text), text])).values()],
      withoutSecret: podsWithoutSecret([...install, ...upgrade], options.secret),
      ...(server && { server }),
    });
    return {
      id,
      verdict: verdict(faults),
      faults,
      exitCode: run.exitCode,
      images: new Set(imageTexts(before).map(({ reference }) => reference)).size,
      patches: plan.patches.length,
      renders: plan.renders,
      seconds,
      codes: plan.findings.map(({ severity, code }) => `${severity} ${code}`),
      ...(server && {
        objects: {
          asked: server.install.asked,
          refusedBefore: server.before.refused.size,
          unknown: server.install.unknown,
        },
      }),
    };
  } catch (error) {
    return { id, verdict: "failed", error: (error as Error).message.slice(0, 500), faults: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function render(
  chart: CorpusChart,
  folder: string,
  values: readonly string[],
  { helm }: JudgeOptions,
  ...more: string[]
): Promise<KubernetesObject[]> {
  const run = await command(helm, [
    ...["template", "release", folder, "--namespace", "corpus", "--include-crds", ...more],
    ...values.flatMap((file) => ["--values", file]),
    ...(chart.kubeVersion === undefined ? [] : ["--kube-version", chart.kubeVersion]),
  ]);
  if (run.exitCode !== 0) throw new Error(`helm template ${chart.id}: ${run.stderr.slice(-400)}`);
  // What has no name or no API is refused however it is deployed.
  return parseManifests(run.stdout).filter(
    ({ apiVersion, metadata }: Partial<KubernetesObject>) => apiVersion && metadata?.name,
  );
}

interface CommandRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function command(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<CommandRun> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 512 << 20, timeout: 300_000, env }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number")
        reject(new Error(`${file} ${args[0] ?? ""}: ${error.message.slice(0, 300)}`));
      else resolve({ exitCode: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}
