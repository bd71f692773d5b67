import type { Json, JsonObject } from "../../json";
import type { SplitFields } from "./foundImage";
import type { Evidence } from "./imageEvidence";
import { fieldText } from "./splitImages";
import { repositoryName } from "./valueImages";
import { valueAt } from "../content/valuePaths";

/** Tells whether fields of a reference in a text are no more than the chart's values shown. */
export type DumpedParts = (reference: string, fields: SplitFields, documents: readonly Json[]) => boolean;

/**
 * Recognises in a dump of values (a ConfigMap for support, for example) the parts of what a container pulls, without the
 * registry or the tag that a template adds to them: nothing pulls by these, so that they are no images of their own.
 *
 * What stands there whole stays an image: some programs read from a dump what they are to run.
 */
export function dumpedParts(values: JsonObject, containers: Evidence["containers"]): DumpedParts {
  // A sub-chart dumps what stands below its name.
  const roots = [[], ...Object.keys(values).map((key) => [key])];
  return (reference, fields, documents) => {
    const repository = fieldText(valueAt([...documents], fields.repository));
    const path = fields.repository.slice(1);
    if (!roots.some((root) => fieldText(valueAt(values, [...root, ...path])) === repository)) return false;
    const name = repositoryName(reference) ?? "";
    if (containers.has(name)) return !fields.tag && !fields.digest && containers.get(name) === true;
    return [...containers].some(([pulled, whole]) => whole && pulled.endsWith(`/${repository}`));
  };
}
