/** Texts that must not be told, and how they are taken out of what others wrote. */
export class SecretTexts {
  readonly #texts = new Set<string>();

  add(secret: string): void {
    if (!secret) return;
    // A registry may repeat a request in the form that it came in, or quote it in JSON.
    for (const text of [secret, encodeURIComponent(secret), formEncoded(secret), JSON.stringify(secret).slice(1, -1)])
      this.#texts.add(text);
  }

  scrub(text: string): string {
    let clean = text;
    // A secret may be part of another.
    for (const secret of [...this.#texts].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, "***");
    return clean;
  }
}

const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);
