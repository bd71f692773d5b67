import { AccessDeniedError, LoginRefusedError, LoginRequiredError } from "../oci/errors/errors";

/**
 * Whether a mirror was asked for what it has, and does not tell it to whoever asked: a wrong password, none, or one that
 * may not read. A difference that says "unchanged" then would end an update well with images gone; one that says
 * "changed" stops no preview, and lets the update look again and fail loudly.
 */
export function isRefusedLook(error: unknown): boolean {
  return [LoginRequiredError, LoginRefusedError, AccessDeniedError].some((type) => error instanceof type);
}
