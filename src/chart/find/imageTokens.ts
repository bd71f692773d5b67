/** A piece of a text that has the shape of an image reference. */
export interface ImageToken {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `host` or `host:port`. */
  readonly host?: string;
  /** Path without host, tag and digest. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
  /** The name that the text itself gives it: `image` in `image: x`, `--sidecar-image` in `--sidecar-image=x`. */
  readonly key?: string;
  /** What stands directly before a `://`: `docker` in `docker://quay.io/a/b`. */
  readonly scheme?: string;
  /** It stands between quotes. */
  readonly quoted: boolean;
  /** A template's action follows, which adds a tag or more at run time: `quay.io/a/b:v{{ .Version }}`. */
  readonly goesOn: boolean;
}

const COMPONENT = String.raw`[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*`;
const LABEL = String.raw`[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`;
const HOST = String.raw`(?:(?:${LABEL}\.)+${LABEL}(?::\d+)?|localhost(?::\d+)?|${LABEL}:\d+)`;
const TAG = String.raw`[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?`;
const DIGEST = String.raw`sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128})`;
// The text on both sides must not go on as if the piece were part of something longer: a path, a mail address, a
// template's action, a Java package, a pair of colons.
const TOKEN = new RegExp(
  String.raw`(?<![\w.@+~$%{}\\/:-])(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?` +
    String.raw`(?:(${HOST})\/)?(${COMPONENT}(?:\/${COMPONENT})*)(?::(${TAG}))?(?:@(${DIGEST}))?` +
    String.raw`(?:(?=(?:[/:-]|:v)?(?:\{\{|\$[{(A-Za-z_]|%[a-z({]|<[A-Za-z]))(?<goesOn>)|(?![\w/@%$({-]|[:.+~][\w/{-]))`,
  "g",
);
/** The name before a value: `image: "`, `"image":"`, `\"image\":\"`, `--image=`, `IMAGE = "`, `3.9.0=`, `<image>`. */
const KEY =
  /(?:^|[\s,;&{(["'`\\])(-{0,2}[A-Za-z0-9_][\w./-]*)\\*["']?[ \t]*(?:=|:[ \t]|:(?=["'\\])|:$)[ \t]*["'`\\]*$|<([\w-]+)>\s*$/;

/**
 * Every piece of a text that could be an image reference with a host, a slash, a tag or a digest, in order.
 *
 * A bare word is none of those. Whether a piece is an image is for others to say.
 */
export function imageTokens(text: string): ImageToken[] {
  if (!/[/:@]/.test(text)) return [];
  const tokens: ImageToken[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [whole, scheme, host, path = "", ...suffix] = match;
    const goesOn = match.groups?.goesOn !== undefined;
    // What is there of a tag that goes on is no tag.
    const [tag, digest] = goesOn ? [] : suffix;
    const length = whole.length - (goesOn && suffix[0] !== undefined ? suffix[0].length + 1 : 0);
    if (host === undefined && tag === undefined && digest === undefined && !path.includes("/")) continue;
    const start = match.index + (scheme === undefined ? 0 : scheme.length + 3);
    const [, named, element] = KEY.exec(text.slice(Math.max(0, match.index - 100), match.index)) ?? [];
    const key = named ?? element;
    tokens.push({
      start,
      end: match.index + length,
      text: text.slice(start, match.index + length),
      path,
      quoted: /["'`]/.test(text[match.index - 1] ?? "") && /["'`\\]/.test(text[match.index + length] ?? ""),
      goesOn,
      ...(host !== undefined && { host }),
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
      ...(key !== undefined && { key }),
      ...(scheme !== undefined && { scheme }),
    });
  }
  return tokens;
}
