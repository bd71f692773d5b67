import { parseJson } from "../json";

/** What the API server said, or why it could not be asked; never a request or an answer, which may hold a Secret. */
export function apiServerReason(error: unknown): string {
  const { code, body } = error as { code?: unknown; body?: unknown };
  if (typeof code === "number") return `${code} ${messageOf(body)}`.trim();
  return error instanceof Error ? error.message : String(error);
}

function messageOf(body: unknown): string {
  try {
    const status = (typeof body === "string" ? parseJson(body) : body) as { message?: unknown };
    return typeof status.message === "string" ? status.message : "";
  } catch {
    return "";
  }
}
