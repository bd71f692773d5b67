import { MirrorError } from "../error";

/** A name that was to become a part of a path, and would lead elsewhere. `code` is `UNSAFE_NAME`. */
export function unsafeName(unsafe: string, of: string, reason: string): MirrorError {
  return new MirrorError(
    "UNSAFE_NAME",
    `The name ${JSON.stringify(unsafe)} of ${of} cannot be used: ${reason}`,
    "Give it a name that can be the name of a file",
  );
}

/** What file systems take at most for one name, in bytes. */
const LONGEST = 255;
// eslint-disable-next-line no-control-regex -- those are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * A name as one segment of a path. Every name that somebody else chose (of a chart, release, component, host or version)
 * goes through here before it becomes a part of a path, so that none leads out of its folder.
 *
 * Helm takes `.` and `..` as names of charts; nobody means them.
 *
 * @param of what has the name, in words, for the error: `a chart`
 * @throws {MirrorError} `UNSAFE_NAME`
 */
export function pathSegment(name: string, of: string): string {
  const reason = unsafety(name);
  if (reason !== undefined) throw unsafeName(name.slice(0, LONGEST), of, reason);
  return name;
}

function unsafety(name: string): string | undefined {
  if (name === "") return "it is empty";
  // Windows drops dots and spaces at a name's end.
  if (/^\.[. ]*$/.test(name)) return "it stands for a folder";
  // Whoever works in the folder that holds it would have git run what its files say.
  if (/^(?:\.git|git~1)[. ]*$/i.test(name)) return "it stands for a repository of git";
  if (/[/\\]/.test(name)) return "it has a slash";
  if (CONTROL.test(name)) return "it has a control character";
  if (Buffer.byteLength(name) > LONGEST) return `it is longer than ${LONGEST} bytes`;
  return undefined;
}
