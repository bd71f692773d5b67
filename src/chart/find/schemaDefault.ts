import { formatValuePath } from "../content/valuePaths";
import type { FoundImage } from "./foundImage";

/** Whether an image is the default of a field in a CRD: it is pulled where an object leaves the field out, and only there. */
export function isSchemaDefault({ location }: Pick<FoundImage, "location">): boolean {
  return location.evidence === "crdDefault";
}

/** The message about a CRD's default that stays outside the mirror. */
export function schemaDefaultMessage({ reference, location }: FoundImage): string {
  return (
    `${reference} is the default of a field in ${location.kind} ${location.name} (${formatValuePath(location.path)}): objects that ` +
    "leave the field out pull it from outside the mirror. Set the field in them, or let the chart be patched"
  );
}
