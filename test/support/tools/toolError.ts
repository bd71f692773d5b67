/** A tool could not be installed or run. The message says which, why, and what the user can do. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
