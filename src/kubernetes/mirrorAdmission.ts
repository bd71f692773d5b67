import * as pulumi from "@pulumi/pulumi";
import { isDnsLabel } from "../chart/compare/clusterRules";
import { clusterLoginOf } from "../cluster/clusterLogin";
import { MirrorError } from "../error";
import { checkArguments } from "../inputs/checkArguments";
import { knownNow, UnknownInputError } from "../inputs/knownNow";
import { planFailure } from "../inputs/planFailure";
import { namespaceOfService } from "../image/clusterService";
import type { LayoutOptions, MirrorAddress } from "../plan/layout";
import { componentLog } from "../resource/componentLog";
import { ownComponent } from "../resource/ownTypes";
import type { AdmissionExceptions } from "./admission/admissionExceptions";
import { AdmissionMode } from "./admission/admissionMode";
import {
  admissionBindings,
  admissionPolicies,
  admittedCluster,
  admittedNamespace,
  clusterBindings,
  type AdmissionObject,
} from "./admission/admissionObjects";
import { SYSTEM_NAMESPACES } from "./admission/clusterScope";
import { admissionParameters, type AdmittedImage } from "./admission/parameters";
import { MUTATING_VERSIONS } from "./admission/mutatingPolicy";
import { supportedMode, type SupportedMode } from "./admission/rewriteSupport";
import { clusterFinding, systemFinding } from "./admission/systemNamespaces";
import { mirrorAdmissionFields } from "./argumentShapes";
import { checkAnnotations } from "./contribution/annotationLimit";
import { loginOf } from "./contribution/clusterLoginInput";
import { contribute } from "./contribution/contribution";
import { objectClient } from "./contribution/objectClient";
import { ObjectContribution } from "./contribution/objectContribution";
import { describeObject, emptyObject } from "./contribution/sharedObject";
import { renderedTo } from "./providerSetting";

/** What the API server needs to know of a registry; every `MirrorRegistry` is one. */
export interface AdmissionRegistry {
  /** Where it is. */
  readonly address: Promise<MirrorAddress>;
  /** How the repositories of the mirror are named. */
  readonly layout: LayoutOptions;
}

/** Arguments of {@link MirrorAdmission}. */
export interface MirrorAdmissionArgs {
  /** The registry that pods shall pull from. */
  registry: AdmissionRegistry;
  /** What happens to pods whose images are not there. */
  mode: AdmissionMode;
  /** The namespaces that it is for; they must be there, or come within two minutes. Default: those of `allNamespaces`. */
  namespaces?: pulumi.Input<string>[];
  /**
   * In place of `namespaces`: it is for all of them, also those that are made later. Left alone are `kube-system`,
   * `kube-public` and `kube-node-lease`, `exceptions.namespaces`, and the namespace of the registry where its host is that of
   * a service of the cluster (`registry.harbor.svc`, `registry.harbor.svc.cluster.local`). Default: false.
   */
  allNamespaces?: boolean;
  /** What is left alone. Default: nothing. */
  exceptions?: AdmissionExceptions;
  /** Images that the mirror has, for `rewrite`: the output `images` of releases. Default: those that it serves by its upstreams alone. */
  images?: pulumi.Input<AdmittedImage[]>;
  /** For `rewrite`, hosts of which every image is taken from the mirror, whether it is known to have it or not. Default: none. */
  upstreams?: string[];
  /** For `rewrite`, a Secret in each of those namespaces, which pods get that lack it and pull from the mirror. Default: none. */
  pullSecret?: string;
  /** Text of a kubeconfig, a secret, or its path. Default: that of the `kubernetes` provider. */
  kubeconfig?: pulumi.Input<string>;
  /** Context of the kubeconfig. Default: that of the `kubernetes` provider, or the current one. */
  context?: pulumi.Input<string>;
}

/** A namespace by a name that none can have. `code` is `ADMISSION_NAMESPACES`. */
export function notANamespace(name: string, argument: string, namespace: string): MirrorError {
  return new MirrorError(
    "ADMISSION_NAMESPACES",
    `Making MirrorAdmission ${name} failed: ${argument} has ${JSON.stringify(namespace)}, which is no name of a namespace`,
    "Name each namespace by itself: * stands for characters of exceptions.images alone",
  );
}

/** It is not told for which namespaces it is. `code` is `ADMISSION_NAMESPACES`. */
export function admissionNamespaces(name: string, both: boolean): MirrorError {
  return new MirrorError(
    "ADMISSION_NAMESPACES",
    `Making MirrorAdmission ${name} failed: ${both ? "it has namespaces, and is for all of them" : "it has no namespaces"}`,
    "Give it namespaces, or allNamespaces: true",
  );
}

/** An admission policy cannot be written into files. `code` is `ADMISSION_NOT_RENDERED`. */
export function admissionNotRendered(folder: string): MirrorError {
  return new MirrorError(
    "ADMISSION_NOT_RENDERED",
    `Keeping pods on the mirror is not possible with a Kubernetes provider that writes objects into files (renderYamlToDirectory: ${folder}): releases share the policies, in the cluster`,
    "Leave admission out, or give it a provider without renderYamlToDirectory",
  );
}

/**
 * Keeps pods on the mirror that no chart shows: those of operators with images compiled into them, injected sidecars,
 * `kubectl debug`. The API server itself does it, by admission policies (Kubernetes 1.30 or newer), without a webhook or a
 * pod that could be down.
 *
 * The policies and their bindings are shared by all releases of all programs that ask for them; what they know of a mirror
 * stands in annotations of the namespaces, to which each adds what it has. Destroying takes out that and leaves what others
 * want. Where two modes are asked for in one namespace, both hold. Images that an object has are not judged again when it is
 * updated. It needs the package `@kubernetes/client-node`.
 *
 * @example
 * ```ts
 * new MirrorAdmission("keep", { registry, mode: AdmissionMode.Deny, namespaces: ["shop"], exceptions: { images: ["quay.io/team/*"] } });
 * // All namespaces but those of Kubernetes itself, and one more.
 * new MirrorAdmission("watch", { registry, mode: AdmissionMode.Warn, allNamespaces: true, exceptions: { namespaces: ["calico-system"] } });
 * ```
 */
export class MirrorAdmission extends pulumi.ComponentResource<void> {
  constructor(name: string, args: MirrorAdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "MirrorAdmission", name }, args, mirrorAdmissionFields);
    if ((args.namespaces === undefined) !== (args.allNamespaces === true))
      throw admissionNamespaces(name, args.allNamespaces === true);
    const { namespaces = [], exceptions } = args;
    for (const [argument, names] of [
      ["namespaces", namespaces.filter((one) => typeof one === "string")],
      ["exceptions.namespaces", exceptions?.namespaces ?? []],
    ] as const)
      for (const one of names) if (!isDnsLabel(one)) throw notANamespace(name, argument, one);
    // What a component is given stands in the state.
    const { kubeconfig } = args;
    const guarded = kubeconfig === undefined ? args : { ...args, kubeconfig: pulumi.secret(kubeconfig) };
    const own = ownComponent("MirrorAdmission", opts);
    super(own.type, name, guarded, own.opts);
  }

  /** @internal */
  protected override async initialize(
    args: MirrorAdmissionArgs,
    { dependsOn }: pulumi.ComponentResourceOptions,
    name: string,
  ): Promise<void> {
    const folder = await renderedTo(this);
    if (folder !== undefined) throw planFailure(admissionNotRendered(folder), [], this);
    const { registry, exceptions: { images: exceptions = [], namespaces: excepted = [] } = {} } = args;
    const { mode, version, finding } = await this.supported(args);
    const namespaces = await knownNamespaces(args.namespaces ?? [], excepted);
    for (const { message, code } of [finding, systemFinding(mode, namespaces)].filter((one) => one !== undefined))
      await componentLog.warn(`${message} (${code})`, this);
    const mirror = await registry.address;
    const { layout } = registry;
    const everywhere = args.allNamespaces === true;
    const own = everywhere ? namespaceOfService(mirror.host) : undefined;
    const left = [...new Set([...excepted, ...(own === undefined ? [] : [own])])]
      .filter((namespace) => !SYSTEM_NAMESPACES.includes(namespace))
      .sort();
    const told = everywhere ? clusterFinding(mode, left) : undefined;
    if (told !== undefined) await componentLog.info(told, this);
    const parametersWith = (images: readonly AdmittedImage[]): Record<string, string> =>
      admissionParameters({
        mirror,
        layout,
        exceptions,
        ...(mode === AdmissionMode.Rewrite && {
          images,
          upstreams: args.upstreams ?? [],
          pullSecrets: args.pullSecret === undefined ? [] : [args.pullSecret],
        }),
      });
    const contentFor = (namespace: string | undefined, known: Record<string, string>): AdmissionObject =>
      namespace === undefined ? admittedCluster(mode, known, left) : admittedNamespace(namespace, mode, known);
    await this.checkSize(name, args.images, (images) =>
      (everywhere ? [undefined] : namespaces).map((namespace) => contentFor(namespace, parametersWith(images))),
    );
    const parameters = pulumi.output(args.images ?? []).apply(parametersWith);
    const { kubeconfig, context } = args;
    const login = { ...(kubeconfig !== undefined && { kubeconfig }), ...(context !== undefined && { context }) };
    const contributeAs = (
      as: string,
      { content, ...object }: Omit<AdmissionObject, "content"> & { content: pulumi.Input<AdmissionObject["content"]> },
      after: readonly pulumi.Input<pulumi.Resource>[],
    ): ObjectContribution =>
      new ObjectContribution(
        `${name}/${as}`,
        { ...login, ...object, contribution: content },
        { parent: this, dependsOn: [...after] },
      );
    // The SDK does not hand it to children.
    let ready = [dependsOn ?? []].flat() as pulumi.Input<pulumi.Resource>[];
    ready = admissionPolicies(mode, version).map((policy) => contributeAs(policy.kind, policy, ready));
    if (everywhere) {
      // Before what it holds for.
      const content = parameters.apply((known) => contentFor(undefined, known).content);
      ready = [contributeAs("cluster", { ...contentFor(undefined, {}), content }, ready)];
      for (const binding of clusterBindings(mode, version, left)) contributeAs(binding.kind, binding, ready);
      return;
    }
    ready = admissionBindings(mode, version).map((binding) => contributeAs(binding.kind, binding, ready));
    // Last, since it is what the policies begin to hold for.
    for (const namespace of namespaces) {
      const content = parameters.apply((known) => contentFor(namespace, known).content);
      contributeAs(namespace, { ...contentFor(namespace, {}), content }, ready);
    }
  }

  /** Refuses what no namespace can hold before any of it is made, as far as the images are known. */
  private async checkSize(
    contributor: string,
    images: MirrorAdmissionArgs["images"],
    objectsFor: (images: readonly AdmittedImage[]) => readonly AdmissionObject[],
  ): Promise<void> {
    try {
      const known = await knownNow(images ?? [], "the images");
      for (const { content, ...reference } of objectsFor(known)) {
        const { object } = contribute(emptyObject(reference), {}, { contributor, wanted: content });
        if (object) checkAnnotations(describeObject(reference), object);
      }
    } catch (error) {
      if (!(error instanceof UnknownInputError)) throw planFailure(error, [], this);
    }
  }

  /** The mode that the cluster can have. What cannot be asked in a preview is what it shall be. */
  private async supported(args: MirrorAdmissionArgs): Promise<SupportedMode> {
    const { mode } = args;
    if (mode !== AdmissionMode.Rewrite) return { mode, version: MUTATING_VERSIONS[0] };
    try {
      const { kubeconfig, context } = clusterLoginOf(args, undefined, this);
      const login = loginOf({
        ...(kubeconfig && { kubeconfig: (await knownNow(kubeconfig, "the kubeconfig")) ?? null }),
        context: (await knownNow(context, "the context")) ?? null,
      });
      const client = await objectClient(login);
      return await supportedMode(mode, (kind) => client.serves(kind));
    } catch (error) {
      if (!(error instanceof MirrorError)) throw error;
      if (!pulumi.runtime.isDryRun()) throw planFailure(error, [], this);
      if (!(error instanceof UnknownInputError))
        await componentLog.warn(
          `Whether the cluster has MutatingAdmissionPolicy could not be asked in this preview: ${error.message}`,
          this,
        );
      return { mode, version: MUTATING_VERSIONS[0] };
    }
  }
}

/** The namespaces that are not excepted, each once; one that a preview does not know is left to the update. */
async function knownNamespaces(
  namespaces: readonly pulumi.Input<string>[],
  excepted: readonly string[],
): Promise<string[]> {
  const known = await Promise.all(
    namespaces.map(async (namespace) => {
      try {
        return [await knownNow(namespace, "the namespace")];
      } catch (error) {
        if (error instanceof UnknownInputError) return [];
        throw error;
      }
    }),
  );
  return [...new Set(known.flat())].filter((namespace) => !excepted.includes(namespace));
}
