import { MirrorError } from "../../error";
import { messageOf } from "./commandLineWords";

/** Looked up with the first value that is refused. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const commander = () => require("commander") as typeof import("commander");

/** Makes what a parser refuses an error of the option. */
export function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      // Commander would repeat the text, and what stands before an @ may be a password.
      if (error instanceof MirrorError && text.includes("@")) throw error;
      throw new (commander().InvalidArgumentError)(messageOf(error));
    }
  };
}

/** Like {@link checked}, for options that may be repeated. */
export function checkedList<T>(parse: (text: string) => T): (text: string, previous: readonly T[]) => T[] {
  const read = checked(parse);
  return (text, previous) => [...previous, read(text)];
}

/** An option that may be repeated. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** An option that may be repeated, with several values at a time, separated by commas. */
export function collectList(value: string, previous: readonly string[]): string[] {
  return [...previous, ...value.split(",").filter((item) => item !== "")];
}
