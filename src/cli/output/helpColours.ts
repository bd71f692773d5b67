import type { HelpConfiguration } from "commander";

const sgr = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;
const bold = sgr(1, 22);
const cyan = sgr(36, 39);
const dim = sgr(2, 22);

/** What is typed as it is, and headings, in colour; commander takes it out again where colours are not wanted. */
export const HELP_COLOURS: HelpConfiguration = {
  styleTitle: bold,
  styleCommandText: cyan,
  styleSubcommandText: cyan,
  styleOptionText: cyan,
};

/** Text below a command's help with its headings, and its comments, as the rest of the help has them. */
export const colouredHelp = (text: string): string =>
  text.replace(/^\S.*:$/gm, (heading) => bold(heading)).replace(/^ +# .*$/gm, (comment) => dim(comment));
