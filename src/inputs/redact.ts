/** Shorter secrets would blacken half of every message; they are not what leaks a system. */
const SHORTEST = 4;

/** Whether one of these secrets stands anywhere in a value. */
export function holdsSecret(value: unknown, secrets: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => holdsSecret(item, secrets));
  if (typeof value === "object" && value !== null)
    return Object.values(value).some((item) => holdsSecret(item, secrets));
  const text = String(value);
  return secrets.some((secret) => secret !== "" && text.includes(secret));
}

/** A text with every secret in it replaced, also where it stands escaped as JSON or base64. */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) =>
      // A short one is told where it stands alone: as the name of a user does, in quotes.
      secret.length < SHORTEST
        ? [JSON.stringify(secret)]
        : [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString("base64")],
    )
    .sort((a, b) => b.length - a.length);
  return forms.reduce((hidden, form) => hidden.split(form).join("[secret]"), text);
}
