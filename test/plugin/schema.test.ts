/** The committed schema is what the facade says. It takes the SDK's analyser some seconds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pluginSchema } from "../../release/pluginSchema";
import { COMPONENTS } from "../../src/plugin/components";

jest.setTimeout(300_000);

const file = join(__dirname, "../../plugin/schema.json");

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, { description?: string }>>;
  readonly inputProperties?: Readonly<Record<string, { description?: string }>>;
}
const schema = JSON.parse(readFileSync(file, "utf8")) as {
  resources: Record<string, Described>;
  types: Record<string, Described>;
};

it("is made from the facade: npm run plugin:schema", () => {
  expect(pluginSchema()).toBe(readFileSync(file, "utf8"));
});

it("has the components that the plugin makes, with their arguments and outputs", () => {
  const made = [...COMPONENTS].map(([name, { outputs }]) => [`chart-mirror:index:${name}`, [...outputs].sort()]);
  const told = Object.entries(schema.resources).map(([type, { properties }]) => [type, Object.keys(properties ?? {})]);
  expect(told).toEqual(made.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
  for (const [name, { fields }] of COMPONENTS) {
    const inputs = Object.keys(schema.resources[`chart-mirror:index:${name}`]?.inputProperties ?? {});
    expect(inputs.filter((input) => !Object.hasOwn(fields, input))).toEqual([]);
    const kept = Object.keys(fields).filter((field) => !inputs.includes(field));
    // What does not cross the border.
    expect([name, kept.filter((field) => !["compat", "deployment"].includes(field))]).toEqual([name, []]);
  }
});

it("describes each component and each of its outputs", () => {
  for (const [type, { description, properties = {} }] of Object.entries(schema.resources)) {
    expect([type, description]).toEqual([type, expect.stringMatching(/\w{3}/)]);
    for (const [name, property] of Object.entries(properties))
      expect([type, name, property.description]).toEqual([type, name, expect.stringMatching(/\w{3}/)]);
  }
  expect(JSON.stringify(schema)).not.toMatch(/\[object |\{@link|@example/);
});

it("the plugin as a folder asks for the package of this version", () => {
  const read = (path: string) =>
    JSON.parse(readFileSync(join(__dirname, "../..", path), "utf8")) as {
      version: string;
      dependencies: Record<string, string>;
    };
  expect(read("plugin/package.json").dependencies).toEqual({ "pulumi-chart-mirror": read("package.json").version });
});
