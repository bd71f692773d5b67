import type * as pulumi from "@pulumi/pulumi";
import { MirrorError } from "../error";
import { parseHelmYaml } from "../chart/content/helmYaml";
import { writtenNumbers, type WrittenNumber } from "../chart/content/writtenNumbers";
import { isMap, mergeValues } from "../chart/content/valuePaths";
import type { Json, JsonObject } from "../json";
import { failureReason } from "../files/fileError";
import { assetPath, assetText } from "../inputs/assets";

/** A values file that cannot be used. `code` is `INVALID_VALUES_FILE`. */
export function invalidValuesFile(file: string, reason: string): MirrorError {
  return new MirrorError(
    "INVALID_VALUES_FILE",
    `The values file ${file} cannot be read: ${reason}`,
    "Give YAML files that are there, with a map at the top",
  );
}

/**
 * Reads `valueYamlFiles` and merges them as Helm does: maps are merged, everything else of a later file replaces.
 *
 * @returns them, and the numbers in them that are not what stands there
 * @throws {MirrorError} `INVALID_VALUES_FILE`
 */
export async function readValueFiles(
  files: readonly (pulumi.asset.Asset | pulumi.asset.Archive)[],
): Promise<{ readonly values: JsonObject; readonly numbers: readonly WrittenNumber[] }> {
  let merged: JsonObject = {};
  const numbers: WrittenNumber[] = [];
  for (const file of files) {
    const [name, text] = await readAsset(file);
    let values: Json;
    try {
      values = parseHelmYaml(text) ?? {};
      numbers.push(...writtenNumbers(text));
    } catch (error) {
      throw invalidValuesFile(name, failureReason(error));
    }
    if (!isMap(values)) throw invalidValuesFile(name, "its top is not a map");
    merged = mergeValues(merged, values);
  }
  return { values: merged, numbers };
}

async function readAsset(asset: pulumi.asset.Asset | pulumi.asset.Archive): Promise<[name: string, text: string]> {
  const name = (await assetPath(asset)) ?? "(text)";
  try {
    return [name, await assetText(asset, "it")];
  } catch (error) {
    throw invalidValuesFile(name, failureReason(error));
  }
}
