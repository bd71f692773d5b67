import * as pulumi from "@pulumi/pulumi";
import { existingRegistryFields } from "../../src/registry/argumentShapes";
import { mirroredReleaseFields } from "../../src/release/argumentShapes";
import { plainArguments } from "../../src/plugin/plainArguments";

interface Told {
  readonly value: unknown;
  readonly secret: boolean;
}
/** What an Output holds. */
async function told(output: unknown): Promise<Told> {
  expect(pulumi.Output.isInstance(output)).toBe(true);
  const { isSecret } = output as { isSecret: Promise<boolean> };
  return { value: await (output as { promise(): Promise<unknown> }).promise(), secret: await isSecret };
}

it("opens a secret object where a class wants a plain one, and keeps its leaves secret", async () => {
  const credentials = pulumi.secret({ username: "ci", password: "p" });
  const { credentials: opened } = await plainArguments({ credentials }, existingRegistryFields);
  expect(Object.keys(opened as object)).toEqual(["username", "password"]);
  expect(await told((opened as Record<string, unknown>)["password"])).toEqual({ value: "p", secret: true });
});

it("opens lists as far as their items may be Outputs, and plain values wholly", async () => {
  const given = {
    sourceAccess: pulumi.secret([{ host: "quay.io", password: "p" }]),
    extraImages: pulumi.output(["a:1", "b:2"]),
    pullSecret: {
      registries: pulumi.secret([{ host: "r", username: "u", password: "p" }]),
      check: pulumi.output(false),
    },
    allowEscapes: pulumi.secret(true),
  };
  const opened = await plainArguments(given, mirroredReleaseFields);
  const [access] = opened["sourceAccess"] as unknown[];
  expect(await told(access)).toEqual({ value: { host: "quay.io", password: "p" }, secret: true });
  expect(opened["extraImages"]).toEqual(["a:1", "b:2"]);
  expect(opened["allowEscapes"]).toBe(true);
  const pullSecret = opened["pullSecret"] as { registries: unknown[]; check: unknown };
  expect(pullSecret.check).toBe(false);
  expect((await told(pullSecret.registries[0])).secret).toBe(true);
});

it("leaves alone what may be an Output, what is unknown, and what the class does not describe", async () => {
  const values = pulumi.secret({ password: "p" });
  const unknown = pulumi.output(pulumi.unknown);
  const opened = await plainArguments({ values, lockFile: unknown, another: "x" }, mirroredReleaseFields);
  expect(opened["values"]).toBe(values);
  expect(opened["lockFile"]).toBe(unknown);
  expect(opened["another"]).toBe("x");
});

it("takes null for what was left out, as some languages write it", async () => {
  expect(await plainArguments({ host: "r", path: null, keepHost: undefined }, existingRegistryFields)).toEqual({
    host: "r",
  });
});
