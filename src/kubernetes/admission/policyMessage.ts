/** An image that a message of the policy names, and what names it: `container web`. */
export interface ToldImage {
  readonly container: string;
  readonly image: string;
}

/** What a message tells. */
export interface PolicyMessage {
  readonly images: readonly ToldImage[];
  /** Images that it only counts. */
  readonly more: number;
}

/** What the names of policies and their bindings begin with. */
export const POLICY_NAME = "chart-mirror-";

/** The words are those of `CONTAINER_LISTS`. */
const TOLD = /^((?:(?:init |ephemeral )?container|volume) [a-z0-9-]+) would pull (\S+)$/;
const MORE = /^and (\d+) more$/;

/**
 * Reads what the policy of `validatingPolicy` says of an object. The images are what strangers wrote, and so may be the
 * message: what is not written as the policy does is left out.
 *
 * @returns undefined for a message that is not the policy's
 */
export function readPolicyMessage(message: string): PolicyMessage | undefined {
  const end = message.lastIndexOf(", outside the mirror (");
  if (end < 0) return undefined;
  // An API server writes the names of policy and binding before it.
  const start = message.lastIndexOf(DENIED, end);
  const said = message.slice(start < 0 ? 0 : start + DENIED.length, end);
  const images: ToldImage[] = [];
  let more = 0;
  for (const part of said.split("; ")) {
    const [, container, image] = TOLD.exec(part) ?? [];
    if (container !== undefined && image !== undefined) images.push({ container, image });
    else more += Number(MORE.exec(part)?.[1] ?? 0);
  }
  return images.length + more === 0 ? undefined : { images, more };
}

const DENIED = " denied request: ";
