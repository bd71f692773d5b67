/** What the process answers with, the same for every command. */
export const EXIT = {
  /** Everything is served from the mirror. */
  whole: 0,
  /** An image could not be copied, or something unforeseen went wrong. */
  failed: 1,
  /** The arguments, the values or the chart cannot be used. */
  badInput: 2,
  /** An image would still be pulled from outside the mirror. */
  escapes: 3,
  /** The lock file is not what the chart needs. */
  stale: 4,
} as const;
