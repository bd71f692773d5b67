import type { Argument, Command, Help, Option } from "commander";
import { cliProgram } from "../../src/cli/program";
import { examplesOf } from "../../src/cli/options/examples";
import { EXIT_CODES } from "../../src/cli/output/exitCodes";
import { GENERATED, row, table } from "./markdownTable";

/** The command line as a page: all commands with their arguments, options, defaults and examples. */
export function cliReference(): string {
  const nothing = { out: () => undefined, err: () => undefined };
  const program = cliProgram({ streams: nothing, input: process.stdin, args: [], run: () => () => Promise.resolve() });
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const exitCodes = [...EXIT_CODES.matchAll(/^ {2}(\d) {2}(.*)$/gm)].map(([, code = "", words = ""]) =>
    row([code, words]),
  );
  return [
    `# Command line (CLI)\n\n${GENERATED}\n`,
    "`chart-mirror COMMAND`, or `npx chart-mirror COMMAND` where the package is installed in a project. It needs Helm 3 for charts, on the `PATH` or named by `HELM`, and no Pulumi.\n",
    table(
      ["Command", "What it does"],
      commands.map((command) => row([`[\`${command.name()}\`](#${command.name()})`, command.description()])),
    ),
    `## Exit codes\n\n${table(["Code", "Meaning"], exitCodes)}`,
    "Colours go to terminals; `NO_COLOR` and `FORCE_COLOR` say otherwise. Results go to standard output, words for people to standard error.\n",
    ...commands.map((command) => section(command, help)),
  ].join("\n");
}

function section(command: Command, help: Help): string {
  const examples = examplesOf(command);
  const lines = examples.map(([line, about]) => `${about === undefined ? "" : `# ${about}\n`}${line}\n`).join("");
  const args = command.registeredArguments.map((argument) => row([`\`${usage(argument)}\``, described(argument)]));
  const options = help.visibleOptions(command).filter(({ long }) => long !== "--help");
  const groups = new Map<string, Option[]>();
  for (const option of options) {
    const heading = option.helpGroupHeading ?? "Options:";
    groups.set(heading, [...(groups.get(heading) ?? []), option]);
  }
  return [
    `## ${command.name()}\n`,
    `${command.description()}.\n`,
    ...(lines === "" ? [] : [`\`\`\`sh\n${lines}\`\`\`\n`]),
    ...(args.length === 0 ? [] : [table(["Argument", "What"], args)]),
    ...[...groups].map(
      ([heading, some]) =>
        `**${heading.replace(/:$/, "")}**\n\n${table(["Option", "What", "Default"], some.map(optionRow))}`,
    ),
  ].join("\n");
}

function usage(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

const described = ({ description, argChoices }: Argument): string =>
  `${description}${argChoices ? `: ${argChoices.map((one) => `\`${one}\``).join(", ")}` : ""}`;

function optionRow(option: Option): string {
  const { flags, description, mandatory, argChoices } = option;
  const { defaultValue } = option as { defaultValue: unknown };
  const standard = typeof defaultValue === "string" || typeof defaultValue === "number" ? `\`${defaultValue}\`` : "";
  const choices = argChoices ? `: ${argChoices.map((one) => `\`${one}\``).join(", ")}` : "";
  return row([`\`${flags}\``, `${description}${choices}`, mandatory ? "must be given" : standard]);
}
