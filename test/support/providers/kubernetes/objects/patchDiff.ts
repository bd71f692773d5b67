import { isDeepStrictEqual } from "node:util";
import { isMap, Unknown, type PropertyMap, type PropertyValue } from "../../protocol/propertyValue";
import type { PropertyDiff } from "../../protocol/resourceProvider";

/** Everything that a diff of one property is decided on; `undefined` is absent, unlike `null`. */
interface Sides {
  readonly patch: PropertyValue | undefined;
  readonly old: PropertyValue | undefined;
  readonly newInput: PropertyValue | undefined;
  readonly oldInput: PropertyValue | undefined;
}

type Path = readonly (string | number)[];

/**
 * Explains a merge patch, property by property, as the real provider does: what only the server has put there is no
 * difference; what is unknown yet may become one; what matches `replacing` replaces the resource.
 *
 * @param replacing such as `.metadata.name`: everything below counts too
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go (convertPatchToDiff)
 */
export function patchDiff(
  patch: PropertyMap,
  old: PropertyMap,
  newInputs: PropertyMap,
  oldInputs: PropertyMap,
  replacing: readonly string[],
): Readonly<Record<string, PropertyDiff>> {
  const diff: Record<string, PropertyDiff> = {};

  const visitMap = (path: Path, inPatch: PropertyMap, sides: Sides, inList: boolean): void => {
    const [before, after, beforeInput] = [sides.old, sides.newInput, sides.oldInput].map((side) =>
      isMap(side) ? side : {},
    ) as [PropertyMap, PropertyMap, PropertyMap];
    const at = (key: string, value: PropertyValue) =>
      visit(
        [...path, key],
        { patch: value, old: before[key], newInput: after[key], oldInput: beforeInput[key] },
        inList,
      );
    for (const [key, value] of Object.entries(inPatch)) at(key, value);
    // Inside a list the patch is the whole new value, so what is missing from it was deleted.
    if (inList) for (const key of Object.keys(before)) if (!(key in inPatch)) at(key, null);
  };

  const visitList = (path: Path, inPatch: readonly PropertyValue[], sides: Sides): void => {
    const [before, after, beforeInput] = [sides.old, sides.newInput, sides.oldInput].map((side) =>
      Array.isArray(side) ? side : [],
    ) as [PropertyValue[], PropertyValue[], PropertyValue[]];
    for (let index = 0; index < Math.max(inPatch.length, before.length); index++) {
      visit(
        [...path, index],
        {
          patch: inPatch[index] ?? null,
          old: before[index],
          newInput: after[index] ?? null,
          oldInput: beforeInput[index] ?? null,
        },
        true,
      );
    }
  };

  const visit = (path: Path, sides: Sides, inList: boolean): void => {
    const { patch: value = null, old: before, newInput, oldInput } = sides;
    if (newInput === undefined && (value !== null || oldInput === undefined)) return;
    let kind: "add" | "update" | "delete";
    let inputDiff = false;
    if (value === null) {
      if (newInput instanceof Unknown) kind = before === undefined ? "add" : "update";
      else [kind, inputDiff] = ["delete", true];
    } else if (before === undefined) kind = "add";
    else if (isMap(value) && isMap(before)) return visitMap(path, value, sides, inList);
    else if (Array.isArray(value) && Array.isArray(before)) return visitList(path, value, sides);
    else if (isDeepStrictEqual(value, before)) return;
    else kind = "update";
    const replaces = replacing.some((property) => touches(path, value, property));
    diff[pathText(path)] = { kind: replaces ? `${kind}-replace` : kind, inputDiff };
  };

  visitMap([], patch, { patch, old, newInput: newInputs, oldInput: oldInputs }, false);
  return diff;
}

/** Whether a change of `value` at `path` changes the property `.a.b`: it lies above it, below it, or is it. */
function touches(path: Path, value: PropertyValue, property: string): boolean {
  const keys = property.split(".").slice(1);
  const own = path.filter((step) => typeof step === "string");
  if (!own.slice(0, keys.length).every((step, index) => step === keys[index])) return false;
  let inside: PropertyValue | undefined = value;
  for (const key of keys.slice(own.length)) {
    if (!isMap(inside)) return false;
    inside = inside[key];
  }
  return inside !== undefined;
}

/** As in Pulumi's property paths: `a.b[0]["x.y/z"]`. */
function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/[."[\]]/.test(step)) return `${text}["${step.replaceAll('"', '\\"')}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
