import { awsSchema } from "./schema";

const REPOSITORY = "aws:ecr/repository:Repository";
const failures = (...args: Parameters<typeof awsSchema.inputFailures>) =>
  awsSchema.inputFailures(...args).map(({ property }) => property);

describe("the schema of the installed @pulumi/aws", () => {
  it("has a version and the provider's own arguments", () => {
    expect(awsSchema.providerVersion).toMatch(/^7\./);
    expect([...awsSchema.providerSchema().keys()]).toEqual(expect.arrayContaining(["region", "assumeRoles"]));
  });

  it("lets what the SDK declares pass", () => {
    const inputs = { name: "a/b", imageScanningConfiguration: { scanOnPush: true }, tags: { a: "b" } };
    expect(failures(REPOSITORY, inputs)).toEqual([]);
  });

  it("refuses unknown, wrong and missing inputs, also in structures", () => {
    expect(failures(REPOSITORY, { nmae: "a", forceDelete: "yes" })).toEqual(["nmae", "forceDelete"]);
    expect(failures("aws:ecr/repositoryPolicy:RepositoryPolicy", { repository: "a" })).toEqual(["policy"]);
    expect(failures(REPOSITORY, { encryptionConfigurations: [{ kms: "k" }] })).toEqual([
      "encryptionConfigurations.kms",
    ]);
  });

  it("refuses arguments of functions too, and types that there are not", () => {
    expect(failures("aws:ecr/getAuthorizationToken:getAuthorizationToken", { registry: "1" })).toEqual(["registry"]);
    expect(() => awsSchema.inputFailures("aws:ecr/nothing:Nothing", {})).toThrow(/has no aws:ecr\/nothing:Nothing/);
  });
});
