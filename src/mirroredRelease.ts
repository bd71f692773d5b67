import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ChartMirror, type MirroredImage } from "./chartMirror";
import { splitMirrorOptions, type MirrorOptions } from "./chartMirrorArgs";
import type { JsonObject } from "./json";
import type { ResolvedPlan } from "./plan/resolvedPlan";

/** Every argument of `kubernetes.helm.v3.Release`, and the mirror's own. */
export interface MirroredReleaseArgs extends kubernetes.helm.v3.ReleaseArgs, MirrorOptions {}

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
export class MirroredRelease extends pulumi.ComponentResource {
  /** The release itself. */
  readonly release: kubernetes.helm.v3.Release;
  /** Images, values and pull secret. */
  readonly mirror: ChartMirror;
  /** Every image with its target, digest and size. */
  readonly images: pulumi.Output<MirroredImage[]>;
  /** The solved values alone. */
  readonly overrides: pulumi.Output<JsonObject>;
  /** The plan that was made and verified. */
  readonly plan: pulumi.Output<ResolvedPlan>;
  /** Status of the deployed release. */
  readonly status: kubernetes.helm.v3.Release["status"];

  constructor(name: string, args: MirroredReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pulumi-chart-mirror:index:MirroredRelease", name, {}, opts);
    const { options, rest: release } = splitMirrorOptions(args);
    const { chart, version, devel, repositoryOpts, values, valueYamlFiles, namespace, createNamespace } = release;
    this.mirror = new ChartMirror(
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
      },
      { parent: this },
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
        parent: this,
        // The copies belong to the registry, which other releases share, so the mirror alone does not stand for them.
        dependsOn: this.mirror.ready(),
        // What was a plain Release of this name is taken over, not uninstalled and installed anew.
        aliases: [{ parent: opts?.parent ?? pulumi.rootStackResource }],
      },
    );
    this.images = this.mirror.images;
    this.overrides = this.mirror.overrides;
    this.plan = this.mirror.plan;
    this.status = this.release.status;
    this.registerOutputs({ images: this.images, overrides: this.overrides, status: this.status });
  }
}
