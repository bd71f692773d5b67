import type { Command, Option } from "commander";
import { withoutLogin } from "../../chart/source/chartFetch";
import { shownAssignments, SET_OPTIONS } from "../options/setOption";
import { shellCommand } from "./shellCommand";

/** What of a command line is told otherwise. */
export interface CommandChange {
  /** The command in place of the one that was run. Default: the same. */
  readonly command?: string;
  /** Options that are left out, by their long names: how something is printed, what is only looked at. */
  readonly without: readonly string[];
}

/** Of these the values may be passwords; files of `--set-file` hold theirs. */
const MAY_BE_SECRET: readonly string[] = SET_OPTIONS.filter((option) => option !== "--set-file");

/**
 * The command that was run with something changed, for advice: whatever it was given stays, so that it does the same. No login
 * in an address and no value of `--set` is told, which may be a password: `…` stands for it.
 *
 * @param args the command line, the command's name first
 * @param command knows which options there are
 */
export function sameCommand(
  args: readonly string[],
  { options }: Pick<Command, "options">,
  change: CommandChange,
): string {
  const [name = "", ...given] = args;
  const told: string[] = [];
  let hidden = false;
  const value = (long: string | undefined, text: string): string => {
    if (!MAY_BE_SECRET.includes(long ?? "")) return long === "--repo" ? withoutLogin(text) : text;
    hidden = true;
    return shownAssignments(text);
  };
  for (let i = 0; i < given.length; i++) {
    const word = given[i] as string;
    const { option, attached } = optionOf(word, options);
    if (!option) {
      told.push(word.startsWith("-") ? word : withoutLogin(word));
      continue;
    }
    const text = option.required ? (attached ?? given[++i]) : undefined;
    if (change.without.includes(option.long ?? "")) continue;
    told.push(option.long ?? word, ...(text === undefined ? [] : [value(option.long, text)]));
  }
  const shown = shellCommand("chart-mirror", [change.command ?? name, ...told]);
  return hidden ? `${shown} (… is what you gave there)` : shown;
}

/** The option that a word is, and the value that is written with it: `--set=a=1`, `-fvalues.yaml`. */
function optionOf(word: string, options: readonly Option[]): { option?: Option | undefined; attached?: string } {
  const named = options.find(({ long, short }) => word === long || word === short);
  if (named) return { option: named };
  for (const option of options.filter(({ required }) => required))
    for (const name of [option.long, option.short])
      if (name !== undefined) {
        const start = name.startsWith("--") ? `${name}=` : name;
        if (word.startsWith(start) && !(start === name && word.startsWith("--")))
          return { option, attached: word.slice(start.length) };
      }
  return {};
}
