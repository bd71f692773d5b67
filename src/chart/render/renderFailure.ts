import type { RenderFailure } from "./render";

/** A place in a template as Go's text/template names it: `chart/templates/x.yaml:3:14`. */
const PLACE = /([\w.@/+-]+\/templates\/[\w.@/+ -]+?):(\d+)(?::\d+)?/g;
const ADVICE = /\n*Use --debug flag to render out invalid YAML\s*$/;

/**
 * Makes Helm's account of a failed render short: what went wrong in the chart's own words, and the innermost template.
 * Helm wraps a message in the chain of templates that called one another, which can take many lines.
 */
export function explainRenderFailure(output: string): RenderFailure {
  const error = /(?:^|\n)Error: ([\s\S]*)$/.exec(output)?.[1] ?? output;
  const message = error.replace(ADVICE, "").trim();
  const place = [...message.matchAll(PLACE)].at(-1);
  const template = place?.[1] ?? /\bon ([\w.@/+-]+\/templates\/[^\s:]+)/.exec(message)?.[1];
  return {
    reason: reasonOf(message),
    ...(template !== undefined && { template }),
    ...(place && { line: Number(place[2]) }),
    output,
  };
}

function reasonOf(message: string): string {
  const execution = /^(?:[\s\S]*?)execution error at \([^)]*\): ([\s\S]*)$/.exec(message);
  if (execution) return (execution[1] as string).trim();
  const call = /[\s\S]*error calling (\w+): ([\s\S]*)$/.exec(message);
  // What a chart says with `fail` needs no name of a function before it.
  if (call) return call[1] === "fail" ? (call[2] as string).trim() : `${call[1]}: ${(call[2] as string).trim()}`;
  const executing = /[\s\S]*executing "[^"]*" at (<[\s\S]*?>): ([\s\S]*)$/.exec(message);
  if (executing) return `${(executing[2] as string).trim()} at ${executing[1]}`;
  const parse = /parse error at \([^)]*\): ([\s\S]*)$/.exec(message);
  if (parse) return (parse[1] as string).trim();
  const yaml = /YAML parse error on [^:]*: (?:error converting YAML to JSON: )?([\s\S]*)$/.exec(message);
  if (yaml) return `it renders no valid YAML: ${(yaml[1] as string).trim()}`;
  const schema =
    /^values don't meet the specifications of the schema\(s\) in the following chart\(s\):\s*([\s\S]*)$/.exec(message);
  if (schema) return `the chart's values.schema.json refuses the values: ${(schema[1] as string).trim()}`;
  return message || "Helm gave no reason";
}
