/**
 * Registers a resource without the stack traces that Pulumi's SDK makes for its own diagnostics, for resources of which there
 * are many: one trace for each promise of each output, some forty a resource, and each read through source maps at once. Where the
 * engine points to in the program comes from traces that the SDK makes with a limit of its own.
 *
 * @param register does it, and awaits nothing
 */
export function withoutStackTraces<T>(register: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return register();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
