import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Secret, unknown } from "../../protocol/propertyValue";
import { providerSchema, repositoryOptsSchema, resourceSchema, schemaFailures } from "./schema";

const sdk = dirname(require.resolve("@pulumi/kubernetes/package.json"));

/** What the SDK's own constructor passes on: another source than the declarations that the double reads. */
function passedBy(file: string): string[] {
  const constructor = readFileSync(join(sdk, file), "utf8");
  return [
    ...new Set([...constructor.matchAll(/resourceInputs\["(\w+)"\] = (?!undefined)/g)].map(([, key = ""]) => key)),
  ];
}

describe("the schema that the double holds inputs to", () => {
  it.each([
    ["kubernetes:helm.sh/v3:Release", "helm/v3/release.js"],
    ["kubernetes:core/v1:Secret", "core/v1/secret.js"],
    ["kubernetes:core/v1:ConfigMap", "core/v1/configMap.js"],
    ["kubernetes:core/v1:ServiceAccountPatch", "core/v1/serviceAccountPatch.js"],
    ["kubernetes:batch/v1:CronJob", "batch/v1/cronJob.js"],
    ["kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "rbac/v1/roleBinding.js"],
    ["kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "apiextensions/v1/customResourceDefinition.js"],
  ])("of %s is the SDK's", (type, file) => {
    const schema = [...(resourceSchema(type)?.keys() ?? [])];
    // `status` is an output only, which the constructor sets to undefined.
    expect(schema.sort()).toEqual(passedBy(file).sort());
    expect(schema.length).toBeGreaterThan(3);
  });

  it("of the provider is the SDK's", () => {
    expect([...providerSchema().keys()].sort()).toEqual(passedBy("provider.js").sort());
  });

  it("knows types, and what is required", () => {
    const release = resourceSchema("kubernetes:helm.sh/v3:Release");
    expect(release?.get("chart")).toEqual({ type: "string", required: true });
    expect(release?.get("timeout")).toEqual({ type: "number", required: false });
    expect(release?.get("atomic")).toEqual({ type: "boolean", required: false });
    expect(release?.get("values")).toEqual({ type: "any", required: false });
    expect(release?.get("compat")).toEqual({ type: "string", required: false });
    expect([...repositoryOptsSchema().keys()].sort()).toEqual(
      ["caFile", "certFile", "keyFile", "password", "repo", "username"].sort(),
    );
    expect(repositoryOptsSchema().get("caFile")?.type).toBe("string");
  });

  it.each(["kubernetes:stable.example.com/v1:CronTab", "kubernetes:core/v1:Nothing", "aws:s3/bucket:Bucket"])(
    "has none for %s",
    (type) => expect(resourceSchema(type)).toBeUndefined(),
  );
});

describe("schemaFailures", () => {
  const schema = resourceSchema("kubernetes:helm.sh/v3:Release") ?? new Map();
  it.each([
    [{ chart: "a" }, []],
    [{ chart: unknown, timeout: new Secret(3), description: null }, []],
    [{ chart: "a", postRenderer: "x" }, ["postRenderer"]],
    [{}, ["chart"]],
    [{ chart: "a", timeout: "5m", atomic: "true", name: ["x"] }, ["timeout", "atomic", "name"]],
    [{ chart: new Secret(7) }, ["chart"]],
  ])("of %j are about %j", (inputs, properties) => {
    expect(schemaFailures(schema, inputs).map(({ property }) => property)).toEqual(properties);
  });
});
