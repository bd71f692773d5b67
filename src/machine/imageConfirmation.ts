import { parseReference } from "../image/reference";
import type { RegistryAccess } from "../oci/transport/access";
import type { Registries } from "../oci/registries";
import { localRegistries } from "./localRegistries";

/** Milliseconds: a registry that cannot be reached must not hold up the analysis. */
const PATIENCE = 2_000;

/** Asks registries whether they have an image; what cannot be asked counts as no. */
export interface ImageConfirmation {
  readonly confirm: (reference: string) => Promise<boolean>;
  readonly close: () => void;
}

/** Confirms images at the registries that this machine reaches, with its own logins. @param access see {@link localRegistries} */
export function imageConfirmation(access: readonly RegistryAccess[] = []): ImageConfirmation {
  const registries = localRegistries(access);
  return { confirm: confirmationAt(registries), close: () => registries.close() };
}

/**
 * Asks these registries whether they have an image, and not for long.
 *
 * @param options.unknown hosts whose login is not known yet: without it an image would look as if it did not exist
 * @param options.patience in milliseconds
 */
export function confirmationAt(
  registries: Pick<Registries, "head">,
  { unknown = new Set(), patience = PATIENCE }: { unknown?: ReadonlySet<string>; patience?: number } = {},
): ImageConfirmation["confirm"] {
  return async (text) => {
    const reference = parseReference(text);
    if (unknown.has(reference.registry)) return false;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<undefined>((done) => {
      timer = setTimeout(() => done(undefined), patience);
    });
    try {
      const answer = registries.head(reference).catch(() => undefined);
      return (await Promise.race([answer, tooLong])) !== undefined;
    } finally {
      clearTimeout(timer);
    }
  };
}
