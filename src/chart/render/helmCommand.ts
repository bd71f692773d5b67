import { spawn } from "node:child_process";
import { channel } from "node:diagnostics_channel";
import { constants, devNull } from "node:os";
import { resolve } from "node:path";
import { MirrorError } from "../../error";
import { fileRefusal } from "../../files/fileError";
import type { JsonObject, JsonPath } from "../../json";
import { ownValue, withoutPrototype } from "../../ownKeys";
import { concurrencyLimit } from "./concurrencyLimit";
import { InvalidKubernetesManifestError, manifestParser, type ManifestParser } from "./kubernetesManifest";
import { DEFAULT_KUBE_VERSION, RenderError, type Render, type RenderOptions } from "./render";
import { explainRenderFailure } from "./renderFailure";
import type { Traces } from "../../tracing";

const runs = channel("chart-mirror:run" satisfies keyof Traces);

/** The `helm` command could not be run to an end. `code` is `HELM_FAILED`. */
export class HelmCommandError extends MirrorError {
  override readonly name = "HelmCommandError";
  constructor(helm: string, chart: string, reason: string, remedy?: string, options?: ErrorOptions) {
    super("HELM_FAILED", `rendering chart ${chart} with ${helm} failed: ${reason}`, remedy, options);
  }
}

/** Bounds of one run; a chart that loops or grows without end must not take the whole process with it. */
export interface HelmLimits {
  /** Seconds. */
  readonly timeout: number;
  /** Bytes of output; the largest charts known render 15 MB. */
  readonly output: number;
}

export interface HelmOptions extends RenderOptions {
  /** Knows the documents of other renders of the same chart, such as those of a patched copy. Default: one of its own. */
  readonly parse?: ManifestParser;
}

/** The bounds of every render. */
const LIMITS: HelmLimits = { timeout: 300, output: 64 * 1024 * 1024 };

/** Helm takes every core it gets; more at once only make each other slower. */
const atMostTwo = concurrencyLimit(2);

/**
 * Renders with the `helm` command.
 *
 * The values go through standard input: process arguments are there for every user of the machine to see. The
 * result does not depend on the machine: the user's plugins, repositories and logins are out of reach and the Kubernetes
 * version is always given. No cluster is asked.
 *
 * @param helm path of the command
 * @param environment what the command may inherit; only `PATH` and the folder for temporary files are taken from it
 * @throws {HelmCommandError} from the render, when the command does not run; {RenderError} when the chart does not
 */
export function helmCommand(
  helm: string,
  options: HelmOptions,
  environment: NodeJS.ProcessEnv = process.env,
  limits: HelmLimits = LIMITS,
): Render {
  const { chart, name = chart, parse = manifestParser() } = options;
  const args = helmArguments(options);
  const env = isolated(environment);
  return (values, what) =>
    atMostTwo(async () => {
      const run = await runHelm(helm, what === "upgrade" ? asUpgrade(args) : args, env, values, name, limits);
      if (run.code !== 0) throw new RenderError(name, explainRenderFailure(named(run.stderr, chart, name)));
      try {
        return parse(run.stdout);
      } catch (error) {
        if (!(error instanceof InvalidKubernetesManifestError)) throw error;
        const { template, problem } = error;
        throw new RenderError(name, { reason: problem, output: problem, template }, { cause: error });
      }
    });
}

/** Helm's words with the chart as the user named it, in place of a folder that he does not know. */
function named(output: string, chart: string, name: string): string {
  return output.replaceAll(resolve(chart), () => name);
}

/** The arguments of `helm template`; none of them is a secret. Integers stood in the arguments of this process already. */
export function helmArguments(options: RenderOptions): string[] {
  const {
    releaseName,
    chart,
    namespace,
    kubeVersion = DEFAULT_KUBE_VERSION,
    apiVersions = [],
    skipSchemas = false,
    integers = [],
  } = options;
  return [
    "template",
    `--namespace=${namespace}`,
    `--kube-version=${kubeVersion}`,
    ...apiVersions.map((version) => `--api-versions=${version}`),
    ...(skipSchemas ? ["--skip-schema-validation"] : []),
    "--values=-",
    ...integers.map(({ path, digits }) => `--set=${setKeyOf(path)}=${digits}`),
    "--",
    releaseName,
    // A relative name could be taken for one of a repository's charts.
    resolve(chart),
  ];
}

function setKeyOf(path: JsonPath): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step.replace(/[\\.[\]=,]/g, "\\$&")}`))
    .join("")
    .slice(1);
}

/** Values may be secret, numbers among them, too. */
const withoutValue = (arg: string): string => (arg.startsWith("--set=") ? arg.replace(/=[^=]*$/, "=…") : arg);

function asUpgrade([command = "", ...args]: readonly string[]): string[] {
  return [command, "--is-upgrade", ...args];
}

// A process of a fraction of a second need not collect garbage, which is a fifth of its work, before it has taken
// that much memory ({@link https://go.dev/doc/gc-guide#Memory_limit}).
const SHORT_LIVED = { GOGC: "off", GOMEMLIMIT: "200MiB" };

function isolated(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(
    ["PATH", "Path", "SystemRoot", "TMPDIR", "TEMP", "TMP"]
      .map((name) => [name, ownValue(environment, name)] as const)
      .filter(([, value]) => value !== undefined),
  );
  const nowhere = [
    "HOME",
    "KUBECONFIG",
    "HELM_REGISTRY_CONFIG",
    "HELM_CACHE_HOME",
    "HELM_CONFIG_HOME",
    "HELM_DATA_HOME",
    "HELM_PLUGINS",
  ];
  return withoutPrototype({
    ...kept,
    ...SHORT_LIVED,
    ...Object.fromEntries(nowhere.map((name) => [name, devNull])),
  });
}

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runHelm(
  helm: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  values: JsonObject,
  chart: string,
  limits: HelmLimits,
): Promise<Run> {
  return new Promise((done, failed) => {
    const child = spawn(helm, args, { env, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    if (runs.hasSubscribers)
      runs.publish({ program: helm, args: args.map(withoutValue), child } satisfies Traces["chart-mirror:run"]);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    const give = (error: Error): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      failed(error);
    };
    const timer = setTimeout(
      () => give(new HelmCommandError(helm, chart, `it did not end within ${limits.timeout} seconds`)),
      limits.timeout * 1000,
    );
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.output)
        give(new HelmCommandError(helm, chart, `it wrote more than ${limits.output} bytes of manifests`));
      else into.push(chunk);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      const refusal = fileRefusal(error);
      const install =
        error.code === "ENOENT" ? "Install Helm 3 and put it on the PATH" : "Set HELM to one that can be run";
      const remedy = refusal?.remedy ?? install;
      give(new HelmCommandError(helm, chart, refusal?.reason ?? error.message, remedy, { cause: error }));
    });
    // Where no more files may be open, there is nothing but the error to come.
    if ((child.stdout as unknown) === undefined) return;
    child.stdout.on("data", collect(stdout));
    child.stderr.on("data", collect(stderr));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      done({
        code: code ?? 128 + (signal ? constants.signals[signal] : 0),
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
    // A chart that fails early closes the pipe before it has read the values; its own error says more.
    child.stdin.on("error", () => undefined);
    child.stdin.end(JSON.stringify(values));
  });
}
