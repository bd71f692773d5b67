import { MirrorError } from "../../error";
import type { JsonObject, JsonPath } from "../../json";
import type { Manifest } from "./kubernetesManifest";

/** What Helm renders a chart for: templates can tell which it is by `.Release.IsUpgrade`. */
export type RenderedFor = "install" | "upgrade";

/**
 * Renders a chart with the user's values (what `--values` takes: merged over the chart's own).
 *
 * Chart, release name, namespace, Kubernetes version and API versions were fixed when the function was made. CRDs
 * are left out but for defaults, hooks of installs and of upgrades and test pods are there, items of `List` kinds stand as objects of their own.
 *
 * @param what an install unless told
 * @throws {RenderError}; {UpgradeNotRenderedError} where upgrades cannot be rendered
 */
export type Render = (values: JsonObject, what?: RenderedFor) => Promise<Manifest[]>;

/** What is fixed when a {@link Render} is made. */
export interface RenderOptions {
  /** The chart's folder or archive. */
  readonly chart: string;
  /** The chart as the user named it, for errors; `chart` unless told. */
  readonly name?: string;
  readonly releaseName: string;
  readonly namespace: string;
  /** As `1.34.0`; {@link DEFAULT_KUBE_VERSION} unless told, so that the result does not depend on the machine. */
  readonly kubeVersion?: string;
  /** API versions that the cluster has beside Kubernetes' own, such as `monitoring.coreos.com/v1`. */
  readonly apiVersions?: readonly string[];
  /** Whether values are not checked against the charts' schemas: those that name others make Helm read them. Default: no. */
  readonly skipSchemas?: boolean;
  /** Integers among the values that Helm is told of by `--set`: in a file of values it would take them for floats. */
  readonly integers?: readonly SetInteger[];
}

/** An integer with its 64 bits, `45980468`, which a file of values makes `4.5980468e+07` in a template. */
export interface SetInteger {
  readonly path: JsonPath;
  readonly digits: string;
}

/** The Kubernetes version that charts are rendered for unless the user names one: what Helm 3.19 assumes itself. */
export const DEFAULT_KUBE_VERSION = "1.34.0";

/** Where and why a chart did not render, in the chart's own terms. */
export interface RenderFailure {
  /** What is wrong, without Helm's call chain: the message of a chart's `fail`, a schema's complaint. */
  readonly reason: string;
  /** The innermost template, `chart/templates/x.yaml`. */
  readonly template?: string;
  readonly line?: number;
  /** Everything that Helm said. */
  readonly output: string;
}

/** A chart that does not render with the values given. `code` is `CHART_DOES_NOT_RENDER`. */
export class RenderError extends MirrorError {
  override readonly name = "RenderError";

  constructor(
    readonly chart: string,
    readonly failure: RenderFailure,
    options?: ErrorOptions,
  ) {
    const { reason, template, line } = failure;
    const where = template ? ` (${template}${line === undefined ? "" : `:${line}`})` : "";
    super(
      "CHART_DOES_NOT_RENDER",
      `rendering chart ${chart} failed${where}: ${reason}`,
      ({ kubeVersion }) =>
        /\bkubeVersion\b/.test(reason)
          ? `Name the version of your cluster with ${kubeVersion}; charts are rendered for Kubernetes ${DEFAULT_KUBE_VERSION} unless told`
          : reason.startsWith("invalid kube version")
            ? `Write ${kubeVersion} as 1.34 or 1.34.0`
            : reason.startsWith("release name ")
              ? "Give the release another name: lower-case letters, digits and dashes, at most 53 of them"
              : "Check the values: the chart must render with them as they are",
      options,
    );
  }
}

/** A renderer that knows installs alone was asked for an upgrade. `code` is `UPGRADE_NOT_RENDERED`. */
export class UpgradeNotRenderedError extends MirrorError {
  override readonly name = "UpgradeNotRenderedError";
  constructor(problem: string, remedy?: string) {
    super("UPGRADE_NOT_RENDERED", problem, remedy);
  }
}
