import { DEFAULT_REGISTRY, DOCKER_HUB_ALIASES } from "../../image/reference";

/** A variable of a policy: the API server evaluates it once for a request, and only if something reads it. */
export interface PolicyVariable {
  readonly name: string;
  readonly expression: string;
}

/**
 * The language has no functions, so that what is done to each image is one step after the other over a list; what a step
 * leaves is a map of texts. {@link https://kubernetes.io/docs/reference/using-api/cel/}
 */
export function step(name: string, from: string, fields: Readonly<Record<string, string>>): PolicyVariable {
  const entries = Object.entries(fields).map(([key, value]) => `"${key}": ${value}`);
  return { name, expression: `variables.${from}.map(j, {${entries.join(", ")}})` };
}

const text = (value: string): string => JSON.stringify(value);
const texts = (values: Iterable<string>): string => `[${[...values].map(text).join(", ")}]`;

/** Whether a text is a host, as `isHostSegment` says of the first segment of a reference. */
const isHost = (segment: string): string =>
  `(${segment} == "localhost" || ${segment}.contains(".") || ${segment}.contains(":") || ${segment}.contains("[") || ${segment} != ${segment}.lowerAscii())`;

const HOST = "^(\\\\[[0-9a-f:.]+\\\\]|[a-z0-9_.*-]+)(:[0-9]+)?$";
const PORT = '.find(":[0-9]+$")';

/**
 * Steps that make the canonical form of images, as `formatReference(parseReference(image))` does for whatever is a
 * reference: `quay.io/a/b:1`, `docker.io/library/nginx`. They go from a list of maps with the image as `i`, and other
 * texts that are kept, to one that also has `f`, the canonical form, and `w`, what the author wrote behind the host.
 *
 * An IPv6 address stays as it is spelled: no mirror and no chart has one.
 *
 * @param from variable with the list
 * @param to variable that the last step makes
 * @param kept keys of texts that are handed on: none of those that the steps use (`s`, `h`, `o`, `w`, `f`)
 */
export function canonicalImages(from: string, to: string, kept: readonly string[]): PolicyVariable[] {
  const all = Object.fromEntries(["i", ...kept].map((key) => [key, `j.${key}`]));
  const named = (part: string): string => `${to}${part}`;
  return [
    step(named("First"), from, { ...all, s: `(j.i.contains("/") ? j.i.split("/", 2)[0] : "")` }),
    step(named("Split"), named("First"), {
      ...all,
      h: `(${isHost("j.s")} ? j.s.lowerAscii() : ${text(DEFAULT_REGISTRY)})`,
      w: `(${isHost("j.s")} ? j.i.substring(j.i.indexOf("/") + 1) : j.i)`,
    }),
    step(named("Port"), named("Split"), {
      ...all,
      w: "j.w",
      h: `(j.h.matches("${HOST}") ? j.h.substring(0, size(j.h) - size(j.h${PORT})) : j.h)`,
      o: `(j.h.matches("${HOST}") ? j.h${PORT}.find("(0|[1-9][0-9]*)$") : "")`,
    }),
    step(named("Host"), named("Port"), {
      ...all,
      w: "j.w",
      // Without its port, `registry:443` would be no host.
      h: `(j.o == "" || (j.o == "443" && ${isHost("j.h")}) ? j.h : j.h + ":" + j.o)`,
    }),
    step(named("Registry"), named("Host"), {
      ...all,
      w: "j.w",
      h: `(j.h in ${texts(DOCKER_HUB_ALIASES)} ? ${text(DEFAULT_REGISTRY)} : j.h)`,
    }),
    step(to, named("Registry"), {
      ...all,
      w: "j.w",
      f: `(j.h + (j.h == ${text(DEFAULT_REGISTRY)} && !j.w.contains("/") ? "/library/" : "/") + j.w)`,
    }),
  ];
}

/** Whether the canonical image `j.f` stands in a mirror, or is one that may stay where it is. */
export const IN_MIRROR = `variables.prefixes.exists(p, j.f.startsWith(p))`;
// Expressions are most of what a pod costs the API server, which has an end.
export const EXCEPTED = `variables.exceptions.exists(e, j.i.matches(e) || (j.i != j.f && j.f.matches(e)))`;
