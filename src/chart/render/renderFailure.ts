import { shortened } from "../../printable";
import type { RenderFailure } from "./render";

/** What may be a place in a template as Go's text/template names it: `chart/templates/x.yaml:3:14`. */
const PLACE = /(?<![\w.@/+ -])([\w.@/+ -]+):(\d+)/g;
const ADVICE = "Use --debug flag to render out invalid YAML";
const TEMPLATES = "/templates/";
/** Characters of a reason that are told: a chart may fail with any text. */
const LONGEST_REASON = 8_000;

/**
 * Makes Helm's account of a failed render short: what went wrong in the chart's own words, and the innermost template.
 * Helm wraps a message in the chain of templates that called one another, which can take many lines.
 */
export function explainRenderFailure(output: string): RenderFailure {
  const error = (/(?:^|\n)Error: ([^]*)$/.exec(output)?.[1] ?? output).trimEnd();
  const message = (error.endsWith(ADVICE) ? error.slice(0, -ADVICE.length) : error).trim();
  const place = placesIn(message).at(-1);
  const template = place?.template ?? /\bon ([\w.@/+-]+\/templates\/[^\s:]+)/.exec(message)?.[1];
  return {
    reason: shortened(reasonOf(message), LONGEST_REASON),
    template,
    line: place?.line,
    output,
  };
}

function placesIn(message: string): { readonly template: string; readonly line: number }[] {
  return [...message.matchAll(PLACE)].flatMap(([, words = "", line]) => {
    // Only the name of a file has spaces in it.
    const template = words.slice(words.lastIndexOf(" ", words.indexOf(TEMPLATES)) + 1);
    const isPlace = template.indexOf(TEMPLATES) > 0 && !template.endsWith(TEMPLATES);
    return isPlace ? [{ template, line: Number(line) }] : [];
  });
}

function reasonOf(message: string): string {
  const execution = behind(message, message.indexOf("execution error at ("), "): ");
  if (execution !== undefined) return execution.trim();
  const call = /^[^]*error calling (\w+): ([^]*)$/.exec(message);
  // What a chart says with `fail` needs no name of a function before it.
  if (call) return call[1] === "fail" ? (call[2] as string).trim() : `${call[1]}: ${(call[2] as string).trim()}`;
  const innermost = message.slice(Math.max(0, message.lastIndexOf('executing "')));
  const executing = /^executing "[^"]*" at (<[^]*?>): ([^]*)$/.exec(innermost);
  if (executing) return `${(executing[2] as string).trim()} at ${executing[1]}`;
  const parse = behind(message, message.indexOf("parse error at ("), "): ");
  if (parse !== undefined) return parse.trim();
  const yaml = behind(message, message.indexOf("YAML parse error on "), ": ");
  if (yaml !== undefined)
    return `it renders no valid YAML: ${yaml.replace(/^error converting YAML to JSON: /, "").trim()}`;
  const schema = /^values don't meet the specifications of the schema\(s\) in the following chart\(s\):([^]*)$/.exec(
    message,
  );
  if (schema) return `the chart's values.schema.json refuses the values: ${(schema[1] as string).trim()}`;
  return message || "Helm gave no reason";
}

/** What stands behind the first `end` after a place; undefined without one, and where the place is -1. */
function behind(text: string, place: number, end: string): string | undefined {
  const at = place < 0 ? -1 : text.indexOf(end, place);
  return at < 0 ? undefined : text.slice(at + end.length);
}
