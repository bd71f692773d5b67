import { Argument } from "commander";
import type { CliCommand } from "../commands/cliCommand";
import { withExamples } from "../options/examples";
import { EXIT } from "../output/exitCodes";
import { colouredHelp } from "../output/helpColours";

/** The shells, each with where its completion is made. */
const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** `chart-mirror completion SHELL`: what the shell needs to complete commands, options, their words, and files. */
export const completion: CliCommand = (program, { run, streams }) =>
  withExamples(
    program
      .command("completion")
      .description("Print what a shell needs to complete commands and options")
      .addArgument(new Argument("<shell>", "the shell").choices(SHELLS)),
    [["chart-mirror completion bash"]],
  )
    .addHelpText(
      "after",
      colouredHelp(
        "\nIn the shell's own start file:\n" +
          "  bash: source <(chart-mirror completion bash)\n" +
          "  zsh:  source <(chart-mirror completion zsh)\n" +
          "  fish: chart-mirror completion fish | source\n",
      ),
    )
    .action(
      run((shell: Shell) => {
        const { commandTree } = require("./commandTree") as typeof import("./commandTree");
        streams.out(script(shell)(commandTree(program)));
        return Promise.resolve(EXIT.whole);
      }),
    );

function script(shell: Shell) {
  switch (shell) {
    case "bash":
      return (require("./bashCompletion") as typeof import("./bashCompletion")).bashCompletion;
    case "zsh":
      return (require("./zshCompletion") as typeof import("./zshCompletion")).zshCompletion;
    case "fish":
      return (require("./fishCompletion") as typeof import("./fishCompletion")).fishCompletion;
  }
}
