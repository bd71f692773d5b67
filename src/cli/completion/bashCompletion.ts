import type { CommandWords, Expected } from "./commandTree";

/** The completion for bash, 3.2 of macOS included: `source <(chart-mirror completion bash)`. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ expects }) => expects !== undefined)
      .map(({ flags, expects }) => `    ${flags.map((flag) => `"${name} ${flag}"`).join(" | ")}) ${reply(expects)} ;;`),
  );
  const flags = commands.map(
    ({ name, options }) => `      ${name}) words="${options.flatMap((option) => option.flags).join(" ")}" ;;`,
  );
  const rest = commands.map(({ name, argument }) => `    ${name}) ${reply(argument)} ;;`);
  const names = commands.map(({ name }) => name);
  return `# bash completion of chart-mirror: source <(chart-mirror completion bash)
_chart_mirror() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= words= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
    ${names.join(" | ")}) command=$word && break ;;
    esac
  done
  COMPREPLY=()
  case "$command $previous" in
${values.join("\n")}
  esac
  if [[ $current == -* ]]; then
    case $command in
${flags.join("\n")}
      *) words="--help --version" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case $command in
    "") COMPREPLY=($(compgen -W "${names.join(" ")}" -- "$current")) ;;
${rest.join("\n")}
  esac
}
complete -o default -F _chart_mirror chart-mirror
`;
}

/** An empty reply is completed by `-o default`, with files; a folder or a text is not. */
function reply(expects: Expected | undefined): string {
  if (expects === "file") return "return";
  if (expects === "folder") return "compopt -o dirnames +o default 2>/dev/null; return";
  if (expects === "text" || expects === undefined) return "compopt +o default 2>/dev/null; return";
  return `COMPREPLY=($(compgen -W "${expects.join(" ")}" -- "$current")); return`;
}
