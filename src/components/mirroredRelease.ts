import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { splitMirrorOptions, type MirrorOptions } from "../release/chartMirrorArgs";
import { watchMirroredRelease } from "../kubernetes/watchMirroredRelease";
import { componentLog } from "../resource/componentLog";
import { MirroredDeployment } from "./mirroredDeployment";
import { mirroredReleaseFields, taking } from "../release/argumentShapes";
import { checkArguments } from "../inputs/checkArguments";

/** Every argument of `kubernetes.helm.v3.Release`, and the mirror's own. */
export interface MirroredReleaseArgs extends kubernetes.helm.v3.ReleaseArgs, MirrorOptions {}

/** Options of {@link MirroredRelease}. */
export interface MirroredReleaseOptions extends pulumi.ComponentResourceOptions {
  /**
   * `NAMESPACE/NAME` of a release that Helm has already and this stack has not: it is taken into the stack as it is. Once it
   * is there, leave the option out again, and the next update upgrades it. The Kubernetes provider must find its chart by
   * name, in a repository that Helm knows or beside the program; where it does not, `pulumi import` takes it over.
   */
  import?: pulumi.ID;
}

/**
 * A `kubernetes.helm.v3.Release` whose images come from a registry of yours.
 *
 * Replacing `k8s.helm.v3.Release` by this class and naming a registry is all that a program changes. A release that is
 * deployed already is taken over: it is upgraded in place, not installed anew.
 *
 * @example
 * ```ts
 * const registry = new ExistingRegistry("mirror", { host: "registry.example.com", path: "platform" });
 * new MirroredRelease("stackstate", { chart: "stackstate", version: "5.0.0", repositoryOpts, values, registry });
 * ```
 */
export class MirroredRelease extends MirroredDeployment {
  /** The release itself. */
  readonly release: kubernetes.helm.v3.Release;
  /** Status of the deployed release. */
  readonly status: kubernetes.helm.v3.Release["status"];

  constructor(name: string, args: MirroredReleaseArgs, { import: imported, ...opts }: MirroredReleaseOptions = {}) {
    const takes = taking(kubernetes.helm.v3.Release);
    checkArguments({ type: "MirroredRelease", name, takes }, args, mirroredReleaseFields);
    const { options, rest: release } = splitMirrorOptions(args);
    const { chart, version, devel, repositoryOpts, values, valueYamlFiles, namespace, createNamespace } = release;
    super(
      "MirroredRelease",
      name,
      {
        ...options,
        chart,
        version,
        devel,
        repositoryOpts,
        values,
        valueYamlFiles,
        namespace,
        createNamespace,
        releaseName: release.name,
        dependencyUpdate: release.dependencyUpdate,
        deployment: {
          by: "MirroredRelease",
          postRenderer: release.postrender,
          reuseValues: release.reuseValues,
          resetValues: release.resetValues,
          verify: release.verify,
          replace: release.replace,
          imported: imported !== undefined,
        },
      },
      opts,
    );
    this.release = new kubernetes.helm.v3.Release(
      name,
      {
        ...release,
        chart: this.mirror.chart,
        version: this.mirror.version,
        repositoryOpts: this.mirror.repositoryOpts(repositoryOpts),
        // A promise of Inputs, not an Output of plain values: one secret leaf would hide all values from the preview.
        values: this.mirror.releaseValues(),
      },
      {
        ...this.deploymentOptions(),
        // The engine imports what the program describes alone: that is the release as it runs.
        ...(imported !== undefined && { import: imported, ignoreChanges: ["*"] }),
      },
    );
    if (imported !== undefined) this.warnOfImport(imported);
    watchMirroredRelease(this, {
      resourceName: () => this.mirror.firstName(),
      name: release.name,
      namespace,
      timeout: release.timeout,
      skipAwait: release.skipAwait,
      after: this.mirror.ready(),
      deployed: this.release.urn,
      mirror: options.registry.address,
      plan: this.plan,
    });
    this.linkChartAccounts(this.release);
    this.status = this.release.status;
    this.registerOutputs({
      images: this.images,
      overrides: this.overrides,
      status: this.status,
      ...this.mirror.memory(),
    });
  }

  /** A release is imported as it runs, and stays so while nothing of it is to change. */
  private warnOfImport(release: pulumi.ID): void {
    void componentLog.warn(
      `The release ${release} is imported as it runs, with the images that it has: leave the option import out again, and the next update upgrades it`,
      this,
    );
  }
}
