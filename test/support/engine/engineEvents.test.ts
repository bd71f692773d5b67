import { parseEngineEvents } from "./engineEvents";
import { expectUnchanged, RunResult } from "./runResult";

const stackUrn = "urn:pulumi:test::project::pulumi:pulumi:Stack::project-test";
const urnOf = (type: string, name: string) => `urn:pulumi:test::project::my:index:Parent$${type}::${name}`;

const step = (event: string, op: string, type: string, name: string, more: object = {}) =>
  JSON.stringify({ [event]: { metadata: { op, urn: urnOf(type, name), type, ...more } } });

const resultOf = (...lines: string[]) =>
  new RunResult("pulumi up", { exitCode: 0, stdout: "", stderr: "" }, parseEngineEvents(lines.join("\n")));

describe("parseEngineEvents", () => {
  it.each([
    ["same", ["same"], "same"],
    ["create", ["create"], "create"],
    ["a replacement that creates first", ["create-replacement", "replace", "delete-replaced"], "replace"],
    ["a replacement that deletes first", ["delete-replaced", "replace", "create-replacement"], "replace"],
    ["deletion", ["delete"], "delete"],
  ])("counts %s", (_, ops, operation) => {
    const result = resultOf(...ops.map((op) => step("resourcePreEvent", op, "a:b:C", "it")));
    expect(result.steps).toHaveLength(1);
    expect(result.step("it")).toMatchObject({ operation, name: "it", type: "a:b:C" });
  });

  it("takes the outcome of a refresh over its announcement", () => {
    const result = resultOf(
      step("resourcePreEvent", "refresh", "a:b:C", "it"),
      step("resOutputsEvent", "delete", "a:b:C", "it"),
    );
    expect(result.changes).toEqual({ "a:b:C::it": "delete" });
  });

  it("keeps diff, keys and states, and whether it failed", () => {
    const diff = { detailedDiff: { "spec.size": { diffKind: "update", inputDiff: false } }, keys: ["spec"] };
    const result = resultOf(
      step("resourcePreEvent", "update", "a:b:C", "it", { ...diff, new: { inputs: { size: 2 }, outputs: null } }),
      step("resOpFailedEvent", "update", "a:b:C", "it"),
    );
    expect(result.step("it")).toMatchObject({
      failed: true,
      diff: { "spec.size": "update" },
      replaceKeys: ["spec"],
      inputs: { size: 2 },
    });
  });

  it("reads diagnostics without colours, leaving out what only the terminal shows for a moment", () => {
    const { diagnostics } = parseEngineEvents(
      [
        { diagnosticEvent: { severity: "error", urn: stackUrn, message: "<{%fg 1%}>broken<{%reset%}>\n" } },
        { diagnosticEvent: { severity: "info", message: "copying 3 %", ephemeral: true } },
      ]
        .map((event) => JSON.stringify(event))
        .join("\n"),
    );
    expect(diagnostics).toEqual([{ severity: "error", urn: stackUrn, message: "broken\n" }]);
  });
});

describe("RunResult", () => {
  const result = resultOf(
    JSON.stringify({ resourcePreEvent: { metadata: { op: "create", urn: stackUrn, type: "pulumi:pulumi:Stack" } } }),
    step("resourcePreEvent", "create", "pulumi:providers:kubernetes", "default_4_34_2"),
    step("resourcePreEvent", "create", "pulumi:providers:kubernetes", "cluster"),
    step("resourcePreEvent", "same", "a:b:C", "kept"),
    step("resourcePreEvent", "update", "a:b:C", "it"),
    step("resourcePreEvent", "create", "a:b:D", "it"),
  );

  it("lists what changed, without what the program did not name", () => {
    expect(result.changes).toEqual({
      "pulumi:providers:kubernetes::cluster": "create",
      "a:b:C::it": "update",
      "a:b:D::it": "create",
    });
  });

  it("finds a step by its name, or by type and name", () => {
    expect(result.step("kept").operation).toBe("same");
    expect(result.step("a:b:D::it").operation).toBe("create");
    expect(() => result.step("it")).toThrow("2 resources are named it");
    expect(() => result.step("none")).toThrow("0 resources are named none");
  });

  it("is unchanged only when every resource is", () => {
    expect(() => expectUnchanged(result)).toThrow(/a:b:C::it: update/);
    expectUnchanged(resultOf(step("resourcePreEvent", "same", "a:b:C", "kept")));
  });
});
