import { MirrorError } from "../../error";

/** The update would fail to write to the mirror. `code` is `PUSH_TRIAL_FAILED`; `cause` has the registry's own error. */
export class PushTrialError extends MirrorError {
  override readonly name = "PushTrialError";
  constructor(
    /** As images name it. */
    readonly registry: string,
    user: string | undefined,
    readonly repositories: readonly string[],
    cause: Error,
  ) {
    const others = repositories.length > 3 ? ` and ${repositories.length - 3} more` : "";
    const where = repositories.length === 0 ? "" : `, to ${repositories.slice(0, 3).join(", ")}${others}`;
    const { problem, remedy } = cause instanceof MirrorError ? cause : { problem: cause.message, remedy: undefined };
    super(
      "PUSH_TRIAL_FAILED",
      `Trying to push to ${registry}${where}${user === undefined ? "" : ` as user ${JSON.stringify(user)}`} failed: ${problem}`,
      `${remedy === undefined ? "" : `${remedy}. `}Nothing has been touched; the login is what the registry of the program is given to push with. Where previews run with a login that may only read, set checkLogins: false`,
      { cause },
    );
  }
}
