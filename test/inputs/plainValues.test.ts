import * as pulumi from "@pulumi/pulumi";
import { plainValues } from "../../src/inputs/plainValues";

/** An Output as the engine gives for a property of a resource that does not exist yet. */
function unknown(): pulumi.Output<string> {
  const Output = pulumi.Output as unknown as new (
    resources: unknown[],
    promise: Promise<unknown>,
    isKnown: Promise<boolean>,
    isSecret: Promise<boolean>,
    allResources: Promise<unknown[]>,
  ) => pulumi.Output<string>;
  return new Output(
    [],
    Promise.resolve(undefined),
    Promise.resolve(false),
    Promise.resolve(false),
    Promise.resolve([]),
  );
}

beforeAll(() =>
  pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) }, "p", "s", true),
);

describe("plainValues", () => {
  it("resolves Outputs and promises anywhere", async () => {
    const values = { a: pulumi.output(1), b: [Promise.resolve("x"), { c: pulumi.output(true) }], d: null };
    expect(await plainValues(values)).toEqual({
      values: { a: 1, b: ["x", { c: true }], d: null },
      unknown: [],
      secrets: [],
      secretPaths: [],
    });
  });

  it("tells the paths of unknown leaves and does not wait for them", async () => {
    const result = await plainValues({ host: unknown(), list: [{ name: "x", value: unknown() }] });
    expect(result.unknown).toEqual([["host"], ["list", 0, "value"]]);
    expect(result.values).toEqual({ host: null, list: [{ name: "x", value: null }] });
  });

  it("collects the texts of secrets, also inside secret maps", async () => {
    const result = await plainValues({ a: pulumi.secret("s1"), b: pulumi.secret({ c: ["s2"], d: 3 }) });
    expect(result.values).toEqual({ a: "s1", b: { c: ["s2"], d: 3 } });
    expect([...result.secrets].sort()).toEqual(["s1", "s2"]);
  });

  it("tells where secrets stand: each that is one by itself, of a secret object those with the key of one", async () => {
    const login = { user: "u", password: "p", image: { repository: "quay.io/a/b" }, apiKeys: ["k"] };
    const { secretPaths } = await plainValues({
      a: pulumi.secret("s"),
      list: [pulumi.secret("t")],
      b: pulumi.secret(login),
    });
    expect(secretPaths).toEqual([["a"], ["list", 0], ["b", "password"]]);
  });

  it("is empty for no values", async () => {
    expect((await plainValues(undefined)).values).toEqual({});
  });
});
