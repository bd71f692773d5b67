import { MirrorError } from "../../error";

/** The base of what can go wrong with a registry. Messages name hosts, users and images, never a credential or a query. */
export class RegistryError extends MirrorError {
  override readonly name: string = "RegistryError";
}
