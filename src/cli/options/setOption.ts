import { MirrorError } from "../../error";

/** Helm's options for single values, in the order in which it applies them: a later one wins, wherever it stands. */
export const SET_OPTIONS = ["--set-json", "--set", "--set-string", "--set-file", "--set-literal"] as const;
export type SetOption = (typeof SET_OPTIONS)[number];

const EXAMPLES: Readonly<Record<SetOption, string>> = {
  "--set": "a.b=1,list[0].name=x,names={a,b}, with \\, for a comma inside a value",
  "--set-string": "a.b=1,list[0].name=x,names={a,b}, with \\, for a comma inside a value",
  "--set-json": `a.b={"c":[1,2]},d="text"`,
  "--set-file": "a.b=FILE,names={FILE,FILE}",
  "--set-literal": "a.b=text, which goes on to the end",
};

/**
 * An argument as it may be told: only what stands before the first `=`, since the rest may be a password, and what stands behind an
 * unescaped comma may be the rest of one.
 */
export function shownAssignments(argument: string): string {
  const [first = ""] = argument.split("=", 1);
  return argument.includes("=") && !first.includes(",") ? `${first}=…` : "…";
}

/** An argument of `--set` or one of its sisters that breaks Helm's grammar. `code` is `INVALID_SET`. */
export class InvalidSetError extends MirrorError {
  override readonly name = "InvalidSetError";
  /**
   * @param argument told as {@link shownAssignments} shows it
   * @param number which of the argument's assignments is wrong, from 1
   */
  constructor(option: SetOption, argument: string, number: number, reason: string, options?: ErrorOptions) {
    const which = number > 1 ? `in its part ${number}, ` : "";
    super(
      "INVALID_SET",
      `reading ${option} ${shownAssignments(argument)}: ${which}${reason}`,
      `Write it as Helm does: ${EXAMPLES[option]}`,
      options,
    );
  }
}
