import * as pulumi from "@pulumi/pulumi";
import { ownResource, type OwnResourceKind } from "../../resource/ownResource";
import type { DefaultPermissionInputs } from "../lifecycle/defaultPermissionLifecycle";
import type { QuayAccessInput } from "../lifecycle/quayLifecycle";
import type { OrganizationInputs } from "../lifecycle/organizationLifecycle";
import type { ProxyCacheInputs } from "../lifecycle/proxyCacheLifecycle";
import type { RepositoryInputs } from "../lifecycle/repositoryLifecycle";
import type { RobotInputs } from "../lifecycle/robotLifecycle";
import type { TeamInputs } from "../lifecycle/teamLifecycle";

/** Inputs of a resource: those of its provider as Pulumi takes them. */
export type QuayArgs<Inputs> = { [Key in keyof Omit<Inputs, "access">]: pulumi.Input<Inputs[Key] | undefined> } & {
  /** How to reach Quay. Secret, and no change when it changes. */
  access: pulumi.Input<pulumi.Unwrap<QuayAccessInput>>;
};

/** Something in Quay, made through its API. */
abstract class QuayResource extends pulumi.CustomResource {
  constructor(kind: OwnResourceKind, name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    const own = ownResource(kind, opts);
    super(own.type, name, { ...args, access: pulumi.secret(args.access), ...own.inputs }, own.opts);
  }
}

/** An organization of Quay. */
export class QuayOrganization extends QuayResource {
  constructor(name: string, args: QuayArgs<OrganizationInputs>, opts?: pulumi.CustomResourceOptions) {
    super("QuayOrganization", name, args, opts);
  }
}

/** What makes an organization a proxy cache. */
export class QuayProxyCache extends QuayResource {
  constructor(name: string, args: QuayArgs<ProxyCacheInputs>, opts?: pulumi.CustomResourceOptions) {
    const password = args.password === undefined ? undefined : pulumi.secret(args.password);
    super("QuayProxyCache", name, { ...args, password }, opts);
  }
}

/** A robot account of an organization. */
export class QuayRobot extends QuayResource {
  // Declared, not defined: a class field would overwrite what the SDK's constructor has set.
  /** `organization+name`. */
  declare readonly username: pulumi.Output<string>;
  /** The robot's password; secret. */
  declare readonly token: pulumi.Output<string>;

  constructor(name: string, args: QuayArgs<RobotInputs>, opts?: pulumi.CustomResourceOptions) {
    const outputs = { username: undefined, token: undefined };
    super("QuayRobot", name, { ...outputs, ...args }, { ...opts, additionalSecretOutputs: ["token"] });
  }
}

/** A team of robots. */
export class QuayTeam extends QuayResource {
  constructor(name: string, args: QuayArgs<TeamInputs>, opts?: pulumi.CustomResourceOptions) {
    super("QuayTeam", name, args, opts);
  }
}

/** What a robot may do with repositories that are made from now on. */
export class QuayDefaultPermission extends QuayResource {
  constructor(name: string, args: QuayArgs<DefaultPermissionInputs>, opts?: pulumi.CustomResourceOptions) {
    super("QuayDefaultPermission", name, args, opts);
  }
}

/** A repository of an organization. */
export class QuayRepository extends QuayResource {
  constructor(name: string, args: QuayArgs<RepositoryInputs>, opts?: pulumi.CustomResourceOptions) {
    super("QuayRepository", name, args, opts);
  }
}
