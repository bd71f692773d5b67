/** Keys that are remembered; strangers choose them, and may choose any number, of any length. */
const MOST_KEYS = 10_000;
const LONGEST_KEY = 100;

/** Caches a function of a key, since a chart has the same keys in every document. */
export function remembered<T extends boolean>(read: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = read(key);
    if (known.size >= MOST_KEYS) known.clear();
    if (key.length <= LONGEST_KEY) known.set(key, result);
    return result;
  };
}

/** Words after which a name that holds "image" is about something else than a reference. */
const OTHER_ENDS = new Set(
  (
    "policy policies secret secrets tag tags version registry registries prefix namespace size type id ids format file " +
    "dir directory folder credentials credential user username password enabled name_prefix gallery width height " +
    "cpu memory resources ttl cache key features feature enable check checks updater update scan scanner pull builder " +
    "timeout interval threshold count limit concurrency mode hash sha arch architecture platform title alt"
  ).split(" "),
);

/**
 * Whether a key, flag or variable is named as those that hold an image reference: `image`, `sidecarImage`,
 * `--prometheus-config-reloader-image`, `RELATED_IMAGE_PROXY`, but not `imagePullPolicy` or `IMAGE_TAG`.
 */
export const namesImage = remembered((key: string): boolean => {
  const words = wordsOf(key);
  const at = words.findIndex((word) => /^(image|images|img)$/.test(word));
  return at >= 0 && words[at + 1] !== "pull" && !OTHER_ENDS.has(words.at(-1) as string);
});

/**
 * Whether a key says so plainly that even a bare word is an image: its last word is `image`, or it is the repository or name
 * of one.
 */
export const plainlyNamesImage = remembered((key: string): boolean => {
  const words = wordsOf(key);
  const last = words.at(-1) ?? "";
  return /^(image|images|img)$/.test(last) || (namesImage(key) && /^(repository|repo|name|ref|reference)$/.test(last));
});

/** Whether a key has to do with what images are pulled from, so that a path under it may be an image's. */
export function namesRepository(key: string): boolean {
  return wordsOf(key).some((word) => /^(images?|img|repository|repo|hub|containers?)$/.test(word));
}

/** The words of a name in camel, snake, kebab or dotted case, in lower case. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** A repository without its tag is only a part: something else knows the tag. */
export function namesPartOfImage(key: string | undefined): boolean {
  if (key === undefined) return false;
  const words = wordsOf(key);
  return (
    /(^| )(repository|repo|hub|registry)( (url|uri|host|path|prefix|base))?$/.test(words.join(" ")) ||
    words.join(" ") === "base image"
  );
}
