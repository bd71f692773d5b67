/** Nothing came or went for the idle timeout. */
export class IdleTimeoutError extends Error {
  override readonly name = "IdleTimeoutError";
}
