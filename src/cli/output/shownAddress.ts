/** Parameters of registries' APIs whose values say what is asked for, as they may look; whatever else stands in a query may be a signature. */
const PLAIN = new Map([
  ["digest", /^[a-z0-9]+:[0-9a-f]{32,128}$/],
  ["mount", /^[a-z0-9]+:[0-9a-f]{32,128}$/],
  ["from", /^[a-z0-9._/-]{1,255}$/],
  ["n", /^\d{1,6}$/],
  ["scope", /^repository:[\w.:/,*-]{1,300}$/],
  ["service", /^[\w.:/ -]{1,100}$/],
  ["limit", /^\d{1,6}$/],
  ["timeoutSeconds", /^\d{1,6}$/],
]);

/**
 * The address of a request without what lets others in: neither a login nor a signature.
 *
 * @example
 * ```ts
 * shownAddress(new URL("https://u:p@s3.test/b?X-Amz-Signature=0f")); // "https://s3.test/b?…"
 * ```
 */
export function shownAddress({ protocol, host, pathname, search, searchParams }: URL): string {
  const parameters = [...searchParams].map(([name, value]) =>
    PLAIN.get(name)?.test(value) ? `${name}=${value}` : "…",
  );
  // Several in a row say no more than one.
  const shown = parameters.filter((one, i) => one !== "…" || parameters[i - 1] !== "…");
  return `${protocol}//${host}${pathname}${search === "" ? "" : `?${shown.join("&")}`}`;
}
