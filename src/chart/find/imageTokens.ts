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

/**
 * Schemes by which something is pulled from a registry: by skopeo and BuildKit, by Flux, Istio and KServe, by Kubewarden, by ORAS.
 */
export const PULLED_SCHEMES: readonly string[] = ["docker", "docker-image", "oci", "registry", "oras"];

const COMPONENT = String.raw`[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*`;
const LABEL = String.raw`[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`;
const HOST = String.raw`(?:(?:${LABEL}\.)+${LABEL}(?::\d+)?|localhost(?::\d+)?|${LABEL}:\d+)`;
const TAG = String.raw`[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?`;
/** What a shell takes where a variable is not set: `${IMAGE:-`, `${IMAGE=` ({@link https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_02}). */
const SHELL_DEFAULT = String.raw`\$\{[A-Za-z_]\w{0,63}:?[-=+]`;
/** The name or version before a colon, itself no part of something longer. */
const NAME = String.raw`(?<![\w.@+~$%{}\\/:-])[A-Za-z0-9][\w.+-]{0,63}`;
const DIGEST = String.raw`sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128})`;
// The text on both sides must not go on as if the piece were part of something longer: a path, a mail address, a
// template's action, a Java package, a pair of colons, a pattern. It may stand behind a shell's `${NAME:-`, and with a host
// behind what it is the image of: `1.0:quay.io/a/b`.
const TOKEN = new RegExp(
  String.raw`(?:(?<![\w.@+~$%{}\\/:*-])|(?<=${SHELL_DEFAULT})|(?<=${NAME}:)(?=(?:[a-z][a-z0-9-]*:\/\/)?${HOST}\/))` +
    String.raw`(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?` +
    String.raw`(?:(${HOST})\/)?(${COMPONENT}(?:\/${COMPONENT})*)(?::(${TAG}))?(?:@(${DIGEST}))?` +
    String.raw`(?:(?=(?:[/:-]|:v)?(?:\{\{|\$[{(A-Za-z_]|%[a-z({]|<[A-Za-z]))(?<goesOn>)|(?![\w/@%$({*-]|[:.+~][\w/{*?-]))`,
  "g",
);
/** The name before a value: `image: "`, `"image":"`, `\"image\":\"`, `--image=`, `IMAGE = "`, `3.9.0=`, `<image>`. */
const KEY =
  /(?:^|[\s,;&{(["'`\\])(-{0,2}[A-Za-z0-9_][\w./-]*)\\*["']?[ \t]*(?:=|:[ \t]|:(?=["'\\])|:$)[ \t]*["'`\\]*$|<([\w-]+)>\s*$/;
const NAME_BEFORE = new RegExp(`${NAME}:$`);
/** The variable of a shell whose default it is. */
const VARIABLE = /\$\{([A-Za-z_]\w{0,63}):?[-=+]$/;
/** What a Dockerfile builds on ({@link https://docs.docker.com/reference/dockerfile/#from}). */
const FROM = /(?:^|\n)FROM[ \t]+(?:--platform=\S{1,100}[ \t]+)?$/;
/** Lines of scripts and configuration that nothing reads; the first line of a script is none of them. */
const COMMENT = /^[ \t]*(?:#(?!!)|\/\/).*$/gm;

/**
 * Every piece of a text that could be an image reference with a host, a slash, a tag or a digest, in order.
 *
 * A bare word is none of those, and what stands in a line of comment is left out. Whether a piece is an image is for others to say.
 */
export function imageTokens(written: string): ImageToken[] {
  if (!/[/:@]/.test(written)) return [];
  const text = withoutComments(written);
  const tokens: ImageToken[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [whole, scheme, host, path = "", ...suffix] = match;
    const goesOn = match.groups?.goesOn !== undefined;
    // What is there of a tag that goes on is no tag.
    const [tag, digest] = goesOn ? [] : suffix;
    const length = whole.length - (goesOn && suffix[0] !== undefined ? suffix[0].length + 1 : 0);
    if (host === undefined && tag === undefined && digest === undefined && !path.includes("/")) continue;
    const start = match.index + (scheme === undefined ? 0 : scheme.length + 3);
    const key = keyBefore(text.slice(Math.max(0, match.index - 100), match.index));
    tokens.push({
      start,
      end: match.index + length,
      text: text.slice(start, match.index + length),
      path,
      quoted: /["'`]/.test(text[match.index - 1] ?? "") && /["'`\\]/.test(text[match.index + length] ?? ""),
      goesOn,
      host,
      tag,
      digest,
      key,
      scheme,
    });
  }
  return tokens;
}

/** A text with blanks in place of its lines of comment. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT, (comment) => " ".repeat(comment.length));
}

/** The name that a text gives to what stands behind it. */
export function keyBefore(text: string): string | undefined {
  if (FROM.test(text)) return "image";
  const [, named, element] = KEY.exec(text) ?? KEY.exec(text.replace(NAME_BEFORE, "")) ?? [];
  return named ?? element ?? VARIABLE.exec(text)?.[1];
}

/** What may stand directly before a reference in a longer text: a scheme that pulls, a shell's default, a name. */
const BEGINNING = new RegExp(String.raw`(?:${SHELL_DEFAULT}|${NAME}:|\b(?:${PULLED_SCHEMES.join("|")}):\/\/)$`);

/** Whether a reference may begin at a place of a text, rather than something longer go on there. */
export function mayBeginReference(text: string, at: number): boolean {
  if (at === 0 || !/[\w./:@$-]/.test(text[at - 1] as string)) return true;
  return BEGINNING.test(text.slice(Math.max(0, at - 80), at));
}

/** A text that is a name without host, path or tag. */
export function bareWord(text: string, start: number): ImageToken {
  return { start, end: start + text.length, text, path: text, quoted: false, goesOn: false };
}
