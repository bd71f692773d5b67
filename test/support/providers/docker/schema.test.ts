import { configFailures, dockerSchema } from "./schema";

const properties = (failures: readonly { property: string }[]) => failures.map(({ property }) => property);

describe("the schema of the installed @pulumi/docker", () => {
  it("lets what the SDK declares pass", () => {
    expect(dockerSchema.providerVersion).toMatch(/^5\./);
    const image = { name: "a/b:1", platform: "linux/amd64", pullTriggers: ["x"], keepLocally: true };
    expect(dockerSchema.inputFailures("docker:index/remoteImage:RemoteImage", image)).toEqual([]);
    const registryAuth = JSON.stringify([{ address: "https://r.io", username: "u", password: "p" }]);
    expect(configFailures({ host: "unix:///x", registryAuth, version: "5.2.0" })).toEqual([]);
  });

  it("refuses unknown, wrong and missing inputs, also in logins", () => {
    const tag = "docker:index/tag:Tag";
    expect(properties(dockerSchema.inputFailures(tag, { sourceImage: 1, target: "b" }))).toEqual([
      "sourceImage",
      "target",
      "targetImage",
    ]);
    expect(properties(configFailures({ hots: "unix:///x" }))).toEqual(["hots"]);
    expect(properties(configFailures({ registryAuth: JSON.stringify([{ user: "u" }]) }))).toEqual([
      "registryAuth.user",
      "registryAuth.address",
    ]);
  });

  it("knows no types that there are not", () => {
    expect(() => dockerSchema.inputFailures("docker:index/nothing:Nothing", {})).toThrow(
      /has no docker:index\/nothing:Nothing/,
    );
  });
});
