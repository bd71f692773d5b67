/** What the process answers with, the same for every command. */
export const EXIT = {
  /** Everything is served from the mirror. */
  whole: 0,
  /** An image could not be copied or deleted, or something unforeseen went wrong. */
  failed: 1,
  /** The arguments, the values or the chart cannot be used. */
  badInput: 2,
  /** An image would still be pulled from outside the mirror; with `verify`, also: a pod lacks the pull secret that it must get. */
  escapes: 3,
  /** The lock file is not what the chart needs. */
  stale: 4,
} as const;

/** The same in words, for `--help`. */
export const EXIT_CODES = `
Exit codes:
  ${EXIT.whole}  all is well
  ${EXIT.failed}  an image could not be copied or deleted, or pods cannot pull (why)
  ${EXIT.badInput}  the arguments, the values or the chart cannot be used
  ${EXIT.escapes}  an image would still be pulled from outside the mirror, or a pod lacks its pull secret (verify)
  ${EXIT.stale}  the lock file is stale (lock --check)
`;
