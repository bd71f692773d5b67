import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import type { Json, JsonObject } from "../../src/json";
import { InvalidSetError, SET_OPTIONS, type SetOption } from "../../src/cli/options/setOption";
import { applySet } from "../../src/cli/options/setValues";
import { chartYaml, writeFiles } from "../chart/chartOnDisk";
import { ensureTool } from "../support/tools";

// The same arguments every time, so that CI fails for what was changed alone; FUZZ_RUNS tries as many others, whose seed a
// failure names, and FUZZ_SEED tries those of one seed again.
const { FUZZ_RUNS, FUZZ_SEED = FUZZ_RUNS === undefined ? "1" : undefined } = process.env;
const RUNS = Number(FUZZ_RUNS ?? 60);

/** A chart that writes the values it gets. */
const CHART = { "Chart.yaml": chartYaml("dump"), "templates/values.yaml": "values: {{ .Values | toJson | quote }}\n" };

/** What stands there before: kinds of all sorts to go into. */
const VALUES: JsonObject = { a: { b: { c: 1 }, l: [{ x: 1 }, "y", null, [1]] }, n: null, t: "text", "": { a: {} } };

// Pieces that make most arguments nearly right, and each of the grammar's characters frequent.
const key = fc.constantFrom("a", "b", "l", "n", "t", "x", "", "a\\.b", "ü");
const index = fc.constantFrom("[0]", "[1]", "[3]", "[]", "[-1]", "[+2]", "[x]", "[0", "[70000]");
const path = fc
  .tuple(
    key,
    fc.array(
      fc.oneof(
        key.map((text) => `.${text}`),
        index,
      ),
      { maxLength: 3 },
    ),
  )
  .map(([first, rest]) => first + rest.join(""));
const scalar = fc.oneof(
  fc.constantFrom("True", "FALSE", "null", "NULL", "0", "00", "-0", "+1", "-07", "1.10", "1e3", "45980468", ""),
  fc.constantFrom("9223372036854775807", "-9223372036854775809", "x", " 1", "\\,", "\\{", "{", "}", '"q"', "[1]", "{}"),
  fc.integer().map(String),
);
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }).map((items) => `{${items.join(",")}}`),
  fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.stringify(json)),
);
/** Arguments that Helm mostly takes: what is wild has one error in most of them. */
const tame = fc
  .array(
    fc
      .tuple(
        fc.constantFrom("p", "q", "a.b", "a.l[0].x", "a.l[3]", "r[0].s", "r[1]", "u[0][1]", "v\\.w"),
        fc.oneof(
          fc.constantFrom("True", "nULL", "-07", "+1", "00", "1.10", "x\\,y", "\\1", '"q"', " 1", "{}", "{a,1,no}", ""),
          fc.integer().map(String),
          fc.jsonValue({ maxDepth: 1 }).map((json) => JSON.stringify(json)),
        ),
      )
      .map((parts) => parts.join("=")),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(","));
const argument = fc.oneof(
  { arbitrary: tame, weight: 3 },
  fc
    .array(
      fc.tuple(path, fc.constantFrom("=", "=", "=", "=", ""), value).map((parts) => parts.join("")),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.join(",")),
  fc
    .array(fc.constantFrom("a", "b", "1", "=", ".", "[", "]", "0", ",", "{", "}", "\\", " ", '"', "-"), {
      maxLength: 10,
    })
    .map((chars) => chars.join("")),
);

describe("applySet beside Helm", () => {
  let helm: string;
  let chart: string;
  beforeAll(async () => {
    helm = await ensureTool("helm");
    chart = await writeFiles(CHART);
  }, 900_000);

  async function byHelm(option: SetOption, text: string): Promise<Json | undefined> {
    const args = ["template", "r", chart, "--values=-", `${option}=${text}`];
    const run = promisify(execFile)(helm, args);
    run.child.stdin?.end(JSON.stringify(VALUES));
    const rendered = await run.then(
      ({ stdout }) => /^values: (.*)$/m.exec(stdout)?.[1],
      () => undefined,
    );
    return rendered === undefined ? undefined : (JSON.parse(JSON.parse(rendered) as string) as Json);
  }

  async function byUs(option: SetOption, text: string): Promise<Json | undefined> {
    try {
      // Nothing is left of standard input behind the values, and no other file is there.
      const read = (file: string): Promise<string> =>
        file.trim() === "-" ? Promise.resolve("") : Promise.reject(new InvalidSetError(option, text, 1, "no file"));
      return (await applySet({ values: VALUES, integers: [] }, option, text, read)).values;
    } catch (error) {
      if (error instanceof InvalidSetError) return undefined;
      throw error;
    }
  }

  it("sets and refuses what Helm sets and refuses", async () => {
    const options = fc.constantFrom<SetOption>(...SET_OPTIONS, "--set", "--set");
    const property = fc.asyncProperty(options, argument, async (option, text) => {
      // No NUL goes into an argument, and Go makes half a surrogate pair another character.
      fc.pre(!text.includes("\0") && Buffer.from(text).toString() === text && !/\\u[d\0]/i.test(text));
      const [theirs, ours] = await Promise.all([byHelm(option, text), byUs(option, text)]);
      // Helm drops values that are null when it puts a chart's values and the user's together.
      expect(withoutNull(ours)).toEqual(withoutNull(theirs));
    });
    await fc.assert(property, { numRuns: RUNS, ...(FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) }) });
  }, 3_600_000);
});

function withoutNull(value: Json | undefined): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).flatMap(([key, item]) =>
    item === null ? [] : [[key, withoutNull(item) as Json] as const],
  );
  return Object.fromEntries(kept);
}
