/** Bytes of an entry's name, and of one segment of it: what common file systems take. */
const MAX_NAME = 1024;
const MAX_SEGMENT = 255;

/** {@link https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions} */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * Why an archive's entry of this name is not taken; undefined for a name that is the same plain path everywhere.
 *
 * Helm refuses absolute names, drives and `..`, and takes a backslash for a slash. Here a backslash is refused: whether it
 * parts folders differs between programs and machines, so that two readers of one archive see two charts.
 *
 * @param name without the slash at the end that marks a folder
 */
export function entryNameProblem(name: string): string | undefined {
  if (name === "") return "has no name";
  if (Buffer.byteLength(name) > MAX_NAME) return `has a name of more than ${MAX_NAME} bytes`;
  if (name.includes("\\")) return "has a backslash in its name";
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\0-\x1f\x7f]/.test(name)) return "has a control character in its name";
  if (name.startsWith("/")) return "names a place outside of itself";
  for (const [i, segment] of name.split("/").entries()) {
    if (segment === "..") return "names a place outside of itself";
    // `tar -C CHART .` packs a chart so.
    if (segment === "." && i === 0) continue;
    if (segment === "" || segment === ".") return "has an empty part in its name";
    if (/^[a-z]:/i.test(segment)) return "names a drive";
    if (WINDOWS_DEVICE.test(segment)) return "names a device of Windows";
    if (/[. ]$/.test(segment)) return "has a dot or space at the end of a name, which Windows takes away";
    if (Buffer.byteLength(segment) > MAX_SEGMENT) return `has a part of more than ${MAX_SEGMENT} bytes in its name`;
  }
  return undefined;
}

interface Place {
  readonly name: string;
  /** What lies in it; undefined for a file. */
  readonly inside: Map<string, Place> | undefined;
}

/** The places that an archive's entries take: one for each file, on file systems that ignore case, too. */
export class EntryPlaces {
  readonly #root: Place = { name: "", inside: new Map() };

  /** Takes a place. Returns why it cannot be taken; undefined when it is. */
  take(path: string, isFolder: boolean): string | undefined {
    const segments = path.split("/");
    let folder = this.#root;
    for (const [i, name] of segments.entries()) {
      if (!folder.inside) return "lies in what another entry makes a file";
      const last = i === segments.length - 1;
      const key = name.normalize("NFC").toUpperCase().toLowerCase();
      const there = folder.inside.get(key);
      if (there && there.name !== name) return `differs from ${JSON.stringify(there.name)} by case alone`;
      if (there && last && !(isFolder && there.inside)) return "is there twice";
      const place = there ?? { name, inside: last && !isFolder ? undefined : new Map<string, Place>() };
      folder.inside.set(key, place);
      folder = place;
    }
    return undefined;
  }
}
