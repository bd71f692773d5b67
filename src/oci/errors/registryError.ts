import { MirrorError } from "../../error";

/** The base of what can go wrong with a registry. Messages name hosts, users and images, never a credential or a query. */
export class RegistryError extends MirrorError {
  override readonly name: string = "RegistryError";
}

/** An error at one registry; `registry` is the one that is meant, even where a location serves its images ({@link registryOf}). */
export class RegistryPlaceError extends RegistryError {
  override readonly name: string = "RegistryPlaceError";
  readonly registry: string;

  constructor(place: string, ...error: ConstructorParameters<typeof RegistryError>) {
    super(...error);
    this.registry = registryOf(place);
  }
}

/**
 * The registry of the place that errors name: {@link Endpoint.place} says which one a location stands for, and where it
 * pointed to another host, that follows as ` (at HOST)`.
 */
export function registryOf(place: string): string {
  const [asked = place] = place.split(" (at ", 1);
  return / for (\S+)/.exec(asked)?.[1] ?? asked;
}
