import type { CommandWords, Expected } from "./commandTree";

/** The completion for fish: `chart-mirror completion fish | source`. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, description, options, argument }) => {
    const behind = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c chart-mirror -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
      `complete -c chart-mirror ${behind} ${expected(argument)}`,
      ...options.map(({ flags, description: about, expects }) => {
        const value = expects === undefined ? "" : ` -r ${expected(expects)}`;
        return `complete -c chart-mirror ${behind} ${flags.map(flagOf).join(" ")} -d ${quoted(about)}${value}`;
      }),
    ];
  });
  return `# fish completion of chart-mirror: chart-mirror completion fish | source\ncomplete -c chart-mirror -n __fish_use_subcommand -f\n${lines.join("\n")}\n`;
}

function flagOf(flag: string): string {
  return flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
}

function expected(expects: Expected | undefined): string {
  if (expects === "file") return "-F";
  if (expects === "folder") return "-f -a '(__fish_complete_directories)'";
  return expects === "text" || expects === undefined ? "-f" : `-f -a ${quoted(expects.join(" "))}`;
}

/** A text as fish has it between single quotes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
