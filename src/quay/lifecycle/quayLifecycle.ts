import type { Lifecycle } from "../../lifecycle";
import type { QuayClient } from "../api/quayClient";

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

/** The life of one kind of object in Quay; `host` and `organization` are part of every identity. */
export type QuayLifecycle<Inputs extends QuayInputs, Outputs extends Inputs = Inputs> = Lifecycle<
  QuayClient,
  Inputs,
  Outputs
>;
