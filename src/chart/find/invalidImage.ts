import { InvalidReferenceError, parseReference } from "../../image/reference";

/** An integer, or a decimal, that a template has written as Go writes floats: `4.5980468e+07`. */
const FLOAT_TAG = /:(\d(?:\.\d+)?e[+-]\d+)$/;
/** What something fills in between the render and the pull: `${TAG}`, `{{ tag }}`, `$(TAG)`, `%TAG%`, `<tag>`, `###TAG###`. */
const PLACEHOLDER = /\$\{|\{\{|\$\(|\$[A-Za-z_]|%[\w.-]+%|<[^<>]*>|###?[\w.-]+###?|__[A-Z][A-Z0-9_]*__/;

/** Whether a text has a place for what is filled in later. */
export function hasPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text);
}

/** Why a text in the place of an image is no valid reference, with the usual cause. */
export function whyInvalid(text: string): string {
  const [, float] = FLOAT_TAG.exec(text) ?? [];
  if (float !== undefined) {
    const digits = Number.isSafeInteger(Number(float)) ? String(Number(float)) : "1e3";
    return `its tag became a number, which Helm writes as ${float}: quote it in the values (tag: "${digits}")`;
  }
  if (hasPlaceholder(text)) return "a placeholder stands in it, and what fills it in is not known here";
  if (text === "") return "it is empty: a value of the chart is missing";
  if (/^\/|\/\//.test(text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")))
    return "a part of it is empty, mostly the registry: a value of the chart is missing";
  if (/[:@/]$/.test(text)) return "its end is empty: a value of the chart is missing";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "it begins with a scheme, which an image has not";
  if (/[*!|&]/.test(text)) return "it is a pattern";
  try {
    parseReference(text);
  } catch (error) {
    // The error's own beginning says again which text it is about.
    if (error instanceof InvalidReferenceError)
      return error.problem.slice(error.problem.indexOf("image reference: ") + 17);
  }
  return "a value of the chart is missing";
}
