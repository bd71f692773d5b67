import { parseJson } from "../json";

/**
 * What the API server said, or why it could not be asked; never a request or an answer, which may hold a Secret, nor a login,
 * which a server or a proxy before it may repeat.
 */
export function apiServerReason(error: unknown): string {
  const { code, body } = error as { code?: unknown; body?: unknown };
  if (typeof code === "number") return withoutHeader(`${code} ${messageOf(body)}`.trim());
  const message = error instanceof Error ? error.message : String(error);
  // The client's own words hold the whole header, and with it the token.
  if (/ is not a legal HTTP header value$|^Headers\.\w+: .* is an invalid header value/s.test(message))
    return "a token or a name of its kubeconfig's user holds a line break or another character that no header of HTTP may have";
  return withoutHeader(message);
}

/** A text without what stands in a header `Authorization`. */
function withoutHeader(text: string): string {
  return text.replace(/\b(Bearer|Basic)(\s+)[\w.~+/=-]{8,}/gi, "$1$2***");
}

function messageOf(body: unknown): string {
  try {
    const status = (typeof body === "string" ? parseJson(body) : body) as { message?: unknown };
    return typeof status.message === "string" ? status.message : "";
  } catch {
    return "";
  }
}
