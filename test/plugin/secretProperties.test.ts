import * as pulumi from "@pulumi/pulumi";
import { markSecrets, openSecrets } from "../../src/plugin/secretProperties";

const secret = (value: unknown) => ({ [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value });
const output = (rest: object) => ({ [pulumi.runtime.specialSigKey]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...rest });

it.each<[string, unknown, unknown, boolean]>([
  ["a plain value", { host: "r.example.com", ports: [1, null] }, { host: "r.example.com", ports: [1, null] }, false],
  ["a secret as a whole", secret([{ password: "p" }]), [{ password: "p" }], true],
  ["a secret deep inside", [{ host: "r", password: secret("p") }], [{ host: "r", password: "p" }], true],
  ["a secret in a secret", secret({ password: secret("p") }), { password: "p" }, true],
  ["a known Output", output({ value: "v", dependencies: [] }), "v", false],
  ["a secret Output", { a: output({ value: "v", secret: true }) }, { a: "v" }, true],
  ["an unknown Output", output({ secret: false }), pulumi.runtime.unknownValue, false],
  [
    "keys that are no words",
    { ["__proto__x"]: secret("p"), constructor: "c" },
    { ["__proto__x"]: "p", constructor: "c" },
    true,
  ],
])("opens %s", (_, given, plain, isSecret) => {
  const { values, secret: keys } = openSecrets({ it: given, other: 1 });
  expect(values).toEqual({ it: plain, other: 1 });
  expect([...keys]).toEqual(isSecret ? ["it"] : []);
});

it("marks what is under a key as a whole, and leaves out what is undefined", () => {
  expect(markSecrets({ access: [{ password: "p" }], target: "t", size: undefined }, ["access", "absent"])).toEqual({
    access: secret([{ password: "p" }]),
    target: "t",
  });
  expect(Object.keys(markSecrets({ size: undefined }, []))).toEqual([]);
});
