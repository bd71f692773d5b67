/** Takes one line that tells a person what is being done. */
export type Log = (line: string) => void;

/** Standard output belongs to results, so that `$(…install.ts helm)` works. */
export const toStandardError: Log = (line) => void process.stderr.write(`${line}\n`);
