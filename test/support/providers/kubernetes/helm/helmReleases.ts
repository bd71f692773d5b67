import { load } from "js-yaml";
import { plain, type PropertyMap } from "../../protocol/propertyValue";
import type { LoadedChart } from "./chart";
import { HelmError, type Helm } from "./helm";

/** A release as helm keeps it. */
export interface DeployedRelease {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly status: string;
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion: string };
  /** The user's values. */
  readonly values: PropertyMap;
  /** The rendered objects, as YAML, without hooks and without the CRDs of crds/. */
  readonly manifest: string;
}

/** How to install or upgrade, as helm's flags have it. */
export interface ReleaseRequest {
  readonly name: string;
  readonly namespace: string;
  readonly chart: LoadedChart;
  readonly values: PropertyMap;
  readonly wait: boolean;
  readonly waitForJobs: boolean;
  readonly timeoutSeconds: number;
  readonly atomic: boolean;
  /** Of an install. */
  readonly disableHooks: boolean;
  /** Of an upgrade. */
  readonly disableUpgradeHooks: boolean;
  readonly skipCrds: boolean;
  readonly description: string;
  readonly postRenderer: string;
  readonly takeOwnership: boolean;
  readonly disableOpenapiValidation: boolean;
  /** Only for installing. */
  readonly createNamespace: boolean;
  readonly replace: boolean;
  /** Only for upgrading. */
  readonly force: boolean;
  readonly resetValues: boolean;
  readonly reuseValues: boolean;
  readonly cleanupOnFail: boolean;
  readonly recreatePods: boolean;
  readonly maxHistory: number;
}

/** Helm failed, but left a release behind that is failed. */
export class ReleaseFailed extends Error {
  constructor(
    message: string,
    readonly release: DeployedRelease,
  ) {
    super(message);
    this.name = "ReleaseFailed";
  }
}

/** The releases of a cluster. */
export interface Releases {
  find(namespace: string, name: string): Promise<DeployedRelease | undefined>;
  /** @throws ReleaseFailed, or another error when nothing was left behind */
  install(request: ReleaseRequest): Promise<DeployedRelease>;
  upgrade(request: ReleaseRequest): Promise<DeployedRelease>;
  uninstall(namespace: string, name: string, wait: { readonly timeoutSeconds: number } | undefined): Promise<void>;
}

/**
 * Releases that the helm command makes on a real cluster.
 *
 * @param cancelled ends the waiting of an install or upgrade, which is failed then; removals go on (helm_release.go)
 */
export function helmReleases(helm: Helm, cancelled: AbortSignal): Releases {
  const find = async (namespace: string, name: string): Promise<DeployedRelease | undefined> => {
    const of = [name, "--namespace", namespace];
    let status: { version: number; info: { status: string }; config?: PropertyMap | null; manifest: string };
    try {
      status = JSON.parse(await helm(["status", ...of, "--output", "json"])) as typeof status;
    } catch (error) {
      if (error instanceof HelmError && error.message.includes("release: not found")) return undefined;
      throw error;
    }
    const chart = load(await helm(["get", "metadata", ...of, "--output", "yaml"])) as Record<string, string>;
    return {
      name,
      namespace,
      revision: status.version,
      status: status.info.status,
      chart: { name: chart["chart"] ?? "", version: chart["version"] ?? "", appVersion: chart["appVersion"] ?? "" },
      values: status.config ?? {},
      manifest: await helm(["get", "manifest", ...of]),
    };
  };

  const deploy = async (command: "install" | "upgrade", request: ReleaseRequest): Promise<DeployedRelease> => {
    const { namespace, name } = request;
    const before = await find(namespace, name);
    try {
      const values = JSON.stringify(plain(request.values));
      await helm([command, name, request.chart.path, "--values", "-", ...flags(command, request)], values, cancelled);
    } catch (error) {
      const left = await find(namespace, name);
      // A release that is just as it was: helm refused before it began.
      if (left === undefined || left.revision === before?.revision) throw error;
      throw new ReleaseFailed((error as Error).message, left);
    }
    const after = await find(namespace, name);
    if (after === undefined) throw new Error(`helm ${command} ended well, but there is no release ${name}`);
    return after;
  };

  return {
    find,
    install: (request) => deploy("install", request),
    upgrade: (request) => deploy("upgrade", request),
    async uninstall(namespace, name, wait) {
      const waiting = wait ? ["--wait", "--timeout", `${wait.timeoutSeconds}s`] : [];
      await helm(["uninstall", name, "--namespace", namespace, ...waiting]);
    },
  };
}

function flags(command: "install" | "upgrade", request: ReleaseRequest): string[] {
  const when = (condition: boolean, ...flag: string[]) => (condition ? flag : []);
  const both = [
    ...["--namespace", request.namespace, "--timeout", `${request.timeoutSeconds}s`],
    ...when(request.wait, "--wait"),
    ...when(request.wait && request.waitForJobs, "--wait-for-jobs"),
    ...when(request.atomic, "--atomic"),
    ...when(request.description !== "", "--description", request.description),
    ...when(request.postRenderer !== "", "--post-renderer", request.postRenderer),
    ...when(request.takeOwnership, "--take-ownership"),
  ];
  if (command === "install")
    return [
      ...both,
      ...when(request.disableHooks, "--no-hooks"),
      ...when(request.disableOpenapiValidation, "--disable-openapi-validation"),
      ...when(request.skipCrds, "--skip-crds"),
      ...when(request.createNamespace, "--create-namespace"),
      ...when(request.replace, "--replace"),
    ];
  // As the provider does it: an upgrade heeds neither skipCrds nor disableOpenapiValidation (helm_release.go, helmUpdate).
  return [
    ...both,
    ...when(request.disableUpgradeHooks, "--no-hooks"),
    ...["--history-max", String(request.maxHistory)],
    ...when(request.force, "--force"),
    ...when(request.resetValues, "--reset-values"),
    ...when(request.reuseValues, "--reuse-values"),
    ...when(request.cleanupOnFail, "--cleanup-on-fail"),
    ...when(request.recreatePods, "--recreate-pods"),
  ];
}
