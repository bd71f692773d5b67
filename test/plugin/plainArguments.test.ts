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

describe("a text that the language has read as something else", () => {
  const key = { type: "service_account", private_key: "-----BEGIN-----\n" };

  it.each<[string, unknown, string]>([
    ["a number", 12345678, "12345678"],
    ["a flag", true, "true"],
    ["JSON, in one order", key, '{"private_key":"-----BEGIN-----\\n","type":"service_account"}'],
    ["a list in JSON", ["a"], '["a"]'],
    ["a text", "text", "text"],
  ])("is one again: %s", async (_what, read, text) => {
    const opened = await plainArguments(
      {
        host: read,
        path: pulumi.output(read),
        caCertificate: pulumi.secret(read),
        credentials: pulumi.secret({ username: "ci", password: read }),
        tokenServices: pulumi.output([read]),
      },
      existingRegistryFields,
    );
    expect(opened["host"]).toBe(text);
    expect(await told(opened["path"])).toEqual({ value: text, secret: false });
    expect(await told(opened["caCertificate"])).toEqual({ value: text, secret: true });
    const { password } = opened["credentials"] as { password: unknown };
    expect(await told(password)).toEqual({ value: text, secret: true });
    expect(await told(opened["tokenServices"])).toEqual({ value: [text], secret: false });
  });

  it.each([1.1, 1e21, 2 ** 60])("is told of where more than one text may have been it: %s", async (read) => {
    const refused: Record<string, pulumi.Inputs> = {
      host: { host: read },
      path: { path: pulumi.output(read) },
      password: { credentials: pulumi.secret({ password: read }) },
      tokenServices: { tokenServices: ["a", read] },
    };
    for (const [name, given] of Object.entries(refused))
      await expect(plainArguments(given, existingRegistryFields)).rejects.toMatchObject({
        code: "SETTING_READ_AS_NUMBER",
        message: expect.stringContaining(`Reading the argument ${name} failed`) as string,
      });
  });

  it("stays what it is where values of any kind may stand", async () => {
    expect(await plainArguments({ values: { replicas: 2, on: true } }, mirroredReleaseFields)).toEqual({
      values: { replicas: 2, on: true },
    });
  });
});
