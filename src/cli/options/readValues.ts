import { isDeepStrictEqual } from "node:util";
import { MirrorError } from "../../error";
import { failureReason, fileRefusal } from "../../files/fileError";
import { readText, textOf } from "../../files/readText";
import { parseHelmYaml } from "../../chart/content/helmYaml";
import { isMap, mergeValues, valueAt } from "../../chart/content/valuePaths";
import { writtenNumbers, type WrittenNumber } from "../../chart/content/writtenNumbers";
import type { JsonObject } from "../../json";
import type { Input } from "./passwordInput";
import { SET_OPTIONS, type SetOption } from "./setOption";
import { applySet, type SetResult } from "./setValues";

/** A file of `--values` or `--set-file` that cannot be used. `code` is `INVALID_VALUES_FILE`. */
export class ValuesFileError extends MirrorError {
  override readonly name = "ValuesFileError";
  constructor(file: string, reason: string, remedy: string, options?: ErrorOptions) {
    super("INVALID_VALUES_FILE", `reading values from ${file} failed: ${reason}`, remedy, options);
  }
}

const UNREADABLE = "Name a file that is there and that this user may read, or - for standard input";

/** What the command line says of values. */
export interface ValueArguments extends Readonly<Partial<Record<SetOption, readonly string[]>>> {
  /** Files, or `-` for standard input, as `--values` names them: several may stand in one, separated by commas. */
  readonly files: readonly string[];
}

/** Values, and the numbers among them that are not what stands in the files. */
export interface ValuesRead extends SetResult {
  readonly numbers: readonly WrittenNumber[];
}

/**
 * The values of `--values` files, the later ones over the earlier, with single values over all in Helm's own order:
 * `--set-json`, `--set`, `--set-string`, `--set-file`, `--set-literal`.
 *
 * @param input standard input, read where a file is called `-`
 * @throws {ValuesFileError} {InvalidSetError}
 */
export async function readValues(given: ValueArguments, input: Input): Promise<ValuesRead> {
  const read = fileReader(input);
  let files: JsonObject = {};
  const written: WrittenNumber[] = [];
  for (const file of given.files.flatMap((names) => names.split(","))) {
    const text = await read(file);
    files = mergeValues(files, mapIn(file, text));
    written.push(...writtenNumbers(text));
  }
  let result: SetResult = { values: files, integers: [] };
  for (const option of SET_OPTIONS)
    for (const argument of given[option] ?? []) result = await applySet(result, option, argument, read);
  const { values } = result;
  // An option that comes later may have put something else there.
  const integers = result.integers.filter(({ path, digits }) =>
    isDeepStrictEqual(valueAt(values, path), Number(digits)),
  );
  const numbers = written.filter(({ path, value }) => valueAt(values, path) === value);
  return { values, integers, numbers };
}

function mapIn(file: string, text: string): JsonObject {
  let content;
  try {
    content = parseHelmYaml(text);
  } catch (error) {
    throw new ValuesFileError(file, failureReason(error), "Write it as YAML, with a map at the top", { cause: error });
  }
  if (content === null) return {};
  if (!isMap(content))
    throw new ValuesFileError(file, "it is no map of values", "Write it as YAML, with a map at the top");
  return content;
}

function fileReader(input: Input): (file: string) => Promise<string> {
  return async (file) => {
    try {
      if (file.trim() !== "-") return await readText(file);
      return await textOf(input);
    } catch (error) {
      const { reason, remedy = UNREADABLE } = fileRefusal(error) ?? { reason: failureReason(error) };
      throw new ValuesFileError(file, reason, remedy, { cause: error });
    }
  };
}
