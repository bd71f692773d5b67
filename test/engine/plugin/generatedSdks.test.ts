/** SDKs of the languages whose programs cannot run here: they are generated, and say what the package says. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSdk, type SdkLanguage } from "../../support/languages/generatedSdk";
import { checkout } from "../../support/engine/projectFolder";

jest.setTimeout(600_000);

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "sdk-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const schema = JSON.parse(readFileSync(join(checkout, "plugin/schema.json"), "utf8")) as {
  resources: Record<string, { description: string; inputProperties: Record<string, { description?: string }> }>;
};
/** The words of a comment, however it is laid out. */
const words = (text: string): string[] => text.match(/[A-Za-z]{4,}/g) ?? [];

it.each<[SdkLanguage, RegExp]>([
  ["dotnet", /\.cs$/],
  ["nodejs", /\.ts$/],
  ["go", /\.go$/],
  ["python", /\.py$/],
])("%s has each component, and its descriptions", async (language, source) => {
  await generateSdk(language, folder);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => source.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  const said = new Set(words(text));
  for (const [type, { description, inputProperties }] of Object.entries(schema.resources)) {
    const component = type.split(":").at(-1) ?? "";
    expect(text).toMatch(new RegExp(`\\b(class|type) ${component}\\b`));
    const described = [description, ...Object.values(inputProperties).map((property) => property.description ?? "")];
    for (const one of described) expect(words(one).filter((word) => !said.has(word))).toEqual([]);
  }
});
