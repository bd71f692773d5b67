import * as pulumi from "@pulumi/pulumi";
import { CopyMethod } from "../copy/copyMethod";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import { MirrorError } from "../error";
import { isRegistryHost } from "../image/reference";
import type { PullCredentials } from "../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../plan/layout";
import { knownNow } from "../inputs/knownNow";
import { acrLogin } from "./acr/acrLogin";
import { loadAws } from "./ecr/awsSdk";
import { loadAzure } from "./acr/azureSdk";
import { ecrLogin } from "./ecr/ecrLogin";
import { MirrorRegistry } from "./mirrorRegistry";
import type { RegistryReference } from "./registryReference";

/**
 * A registry that another stack makes, of whatever kind: it takes that one's `reference`, brings images there, and makes
 * neither repositories nor rules nor rights of its own. Images under caches of the registry are served through them.
 *
 * Logins of ECR and ACR are those of the `aws` or `azure-native` provider that it inherits; of any other kind, those in
 * the reference.
 *
 * @example
 * ```ts
 * // The platform's stack: export const registry = new EcrRegistry("mirror", { ... }).reference;
 * const platform = new pulumi.StackReference("acme/platform/production");
 * const registry = new SharedRegistry("mirror", platform.requireOutput("registry"));
 * new MirroredRelease("stackstate", { chart: "stackstate", version: "5.0.0", repositoryOpts, values, registry });
 * ```
 */
export class SharedRegistry extends MirrorRegistry {
  override readonly address: Promise<MirrorAddress>;
  override readonly pushAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  // What follows is read by those who know the address, and has been learnt with it.
  override layout: LayoutOptions = {};
  override pullCredentials: pulumi.Output<pulumi.Unwrap<PullCredentials>> | undefined;
  override pullTokenExpires = false;
  override sourceAccess: readonly pulumi.Input<RegistryAccessArgs>[] = [];
  // Declared, not defined: a class field would overwrite what every registry has.
  declare protected copyMethods: readonly CopyMethod[];
  /** `host[:port]` of the registry. */
  readonly host: pulumi.Output<string>;

  protected override readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private readonly pullAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;

  /** @param reference the output of the other stack, from its registry's `reference` */
  constructor(name: string, reference: pulumi.Input<RegistryReference>, opts?: pulumi.ComponentResourceOptions) {
    super("SharedRegistry", name, {}, opts);
    const told: pulumi.Output<unknown> = pulumi.output(reference);
    const given = told.apply<RegistryReference>((known) => (isReference(known) ? known : NONE));
    // Where it is is no secret, though the logins beside it may be.
    this.host = pulumi.unsecret(given.apply(({ host }) => host));
    this.pushAccess = pulumi.secret(given.apply((known) => this.push(known)));
    this.pullAccess = pulumi.secret(given.apply((known) => known.logins?.pull ?? this.pushAccess));
    this.shared = given;
    this.address = this.learn(told);
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);
    this.registerWithReference({ host: this.host });
  }

  protected override pullThroughAccess(): pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>> {
    return this.pullAccess;
  }

  /** They are made by the other stack, or by the registry itself. */
  protected override repositoryFor(): pulumi.Resource[] {
    return [];
  }

  private async learn(told: pulumi.Output<unknown>): Promise<MirrorAddress> {
    const name = this.resourceName;
    const reference = await knownNow(
      told,
      `the reference of registry ${name}`,
      "Update the stack that makes the registry first",
    );
    if (!isReference(reference))
      throw new MirrorError(
        "INVALID_REGISTRY",
        `The registry ${name} cannot be used: what it was given is no reference of a registry`,
        "Export `registry.reference` from the stack that makes it, and pass that output",
      );
    const { host, path, keepHost = false, upstreams = [], ecr, acr, sourceAccess = [], pullCredentials } = reference;
    this.layout = { keepHost, upstreams };
    this.sourceAccess = sourceAccess.map(secretLogin);
    this.pullTokenExpires = ecr !== undefined;
    if (pullCredentials) this.pullCredentials = pulumi.secret(pullCredentials);
    else if (ecr?.pullSecret) this.pullCredentials = this.pushAccess as pulumi.Output<pulumi.Unwrap<PullCredentials>>;
    if (acr?.resourceManager) this.copyMethods = [...this.copyMethods, CopyMethod.AcrImport];
    return path ? { host, path } : { host };
  }

  private push({ host, ecr, acr, logins }: RegistryReference): pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>> {
    if (ecr) return ecrLogin(loadAws(), ecr.account, ecr.region, { region: ecr.region }, this);
    if (acr) return acrLogin(loadAzure(), { host, ...acr }, this);
    return logins?.push ?? { host };
  }
}

/** The login alone is secret: the host has to stand in errors, unless the program that made it keeps that secret, too. */
function secretLogin(access: pulumi.Unwrap<RegistryAccessArgs>): pulumi.Input<RegistryAccessArgs> {
  const { password, identityToken, azureToken, clientCertificate, ...shown } = access;
  const { hidden = [] } = access as { readonly hidden?: readonly string[] };
  const login = { password, identityToken, azureToken, clientCertificate };
  const given = Object.entries({ ...shown, ...login }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([key, value]) => [
      key,
      Object.hasOwn(login, key) || hidden.includes(key) ? pulumi.secret(value) : value,
    ]),
  ) as unknown as pulumi.Input<RegistryAccessArgs>;
}

/** Stands for what is no reference, until its address says so. */
const NONE: RegistryReference = { host: "" };

function isReference(value: unknown): value is RegistryReference {
  const host = (value as Partial<RegistryReference> | null | undefined)?.host;
  return typeof host === "string" && isRegistryHost(host);
}
