import type { CommandWords, Expected, OptionWords } from "./commandTree";

/** The completion for zsh: `source <(chart-mirror completion zsh)`, or a file `_chart-mirror` in its `fpath`. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const described = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, argument }) => {
    const specs = [...options.map(optionSpec), argument === undefined ? undefined : `*: :${action(argument)}`];
    const given = specs.filter((spec) => spec !== undefined).map((spec) => ` \\\n        ${quoted(spec)}`);
    return `    ${name})\n      _arguments${given.join("")} ;;`;
  });
  return `#compdef chart-mirror
_chart-mirror() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _chart-mirror ]]; then _chart-mirror "$@"; else compdef _chart-mirror chart-mirror; fi
`;
}

/** `*--output[how to print]: :(table json)`, as `_arguments` reads it; a star, since options may be repeated. */
function optionSpec({ flags, description, expects }: OptionWords): string {
  const about = description.replace(/[\\[\]:]/g, "\\$&");
  const value = expects === undefined ? "" : `: :${action(expects)}`;
  // The long name alone: whoever types the short one needs no completion of it, but of its value.
  return `*${flags.at(-1) ?? ""}[${about}]${value}`;
}

function action(expects: Expected): string {
  if (expects === "file") return "_files";
  if (expects === "folder") return "_files -/";
  return expects === "text" ? " " : `(${expects.join(" ")})`;
}

/** A text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
