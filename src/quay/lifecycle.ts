import type { QuayClient } from "./quayClient";

/** How to reach Quay, as it travels through Pulumi's engine (always inside a secret). */
export interface QuayAccessInput {
  /** Absent: the environment variable `QUAY_TOKEN` has it. */
  token?: string;
  plainHttp?: boolean;
  caCertificate?: string;
}

/**
 * What every resource of Quay receives and keeps. The names are part of old states: add, never rename, since a secret
 * stays a secret only under its own key.
 */
export interface QuayInputs {
  host: string;
  access?: QuayAccessInput;
  organization: string;
}

/**
 * The life of one kind of object in Quay, apart from how Pulumi asks for it.
 *
 * `Outputs` are the inputs and what Quay adds to them; they are what later calls get as `state`.
 */
export interface QuayLifecycle<Inputs extends QuayInputs, Outputs extends Inputs = Inputs> {
  /** As it stands in a sentence: `robot team+pull`. */
  name(inputs: Inputs): string;
  /** Inputs that make another object when they change, besides `host` and `organization`. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** Inputs that can change. */
  readonly settings: readonly (keyof Inputs & string)[];
  /** What is wrong with the inputs by themselves. */
  problems(inputs: Inputs): Error[];
  /** Throws when the object cannot be created: it is there already, or a feature is missing. Asked in previews. */
  refuseNew(quay: QuayClient, inputs: Inputs): Promise<void>;
  /** What Quay has now of the outputs that it tells; undefined when the object is gone. */
  find(quay: QuayClient, state: Outputs): Promise<Partial<Outputs> | undefined>;
  create(quay: QuayClient, inputs: Inputs): Promise<Outputs>;
  /** Changes what is there. */
  update(quay: QuayClient, state: Outputs, inputs: Inputs): Promise<Outputs>;
  /** Removes what was made. */
  remove(quay: QuayClient, state: Outputs): Promise<void>;
}
