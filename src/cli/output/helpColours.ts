const sgr = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;

/** Headings; commander takes colours out again where they are not wanted. */
export const bold = sgr(1, 22);
/** What is typed as it is. */
export const cyan = sgr(36, 39);
const dim = sgr(2, 22);

/** Text below a command's help with its headings, and its comments, as the rest of the help has them. */
export const colouredHelp = (text: string): string =>
  text.replace(/^\S.*:$/gm, (heading) => bold(heading)).replace(/^ +# .*$/gm, (comment) => dim(comment));
