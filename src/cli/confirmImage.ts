import { parseReference } from "../image/reference";
import { localRegistries } from "../machine/localRegistries";
import type { Registries } from "../oci/registries";

/** Milliseconds: a registry that cannot be reached must not hold up the analysis. */
const PATIENCE = 2_000;

/** Asks registries whether they have an image; what cannot be asked counts as no. */
export interface ImageConfirmation {
  readonly confirm: (reference: string) => Promise<boolean>;
  readonly close: () => void;
}

/** Confirms images at the registries that this machine reaches, with its own logins. */
export function imageConfirmation(): ImageConfirmation {
  const registries = localRegistries([]);
  return { confirm: confirmationAt(registries), close: () => registries.close() };
}

/** Asks these registries whether they have an image, and not for long. */
export function confirmationAt(registries: Pick<Registries, "head">): ImageConfirmation["confirm"] {
  return async (reference) => {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((done) => {
      timer = setTimeout(() => done(undefined), PATIENCE);
    });
    try {
      const answer = registries.head(parseReference(reference)).catch(() => undefined);
      return (await Promise.race([answer, patience])) !== undefined;
    } finally {
      clearTimeout(timer);
    }
  };
}
