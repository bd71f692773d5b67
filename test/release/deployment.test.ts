import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "../../src/release/chartMirrorArgs";
import { deploymentFindings, readDeployment, refuseDeployment, refuseUnverifiable } from "../../src/release/deployment";
import { mockedEngine } from "../support/providers/mockedEngine";

mockedEngine();

const RELEASE = { by: "MirroredRelease" } as const;
const unknown = pulumi.unknown as unknown as pulumi.Output<boolean>;

it.each<[string, Deployment, string[]]>([
  ["nothing of a plain release", RELEASE, []],
  ["a post-renderer", { ...RELEASE, postRenderer: "./sed.sh" }, ["POST_RENDERED"]],
  ["no post-renderer in an empty text", { ...RELEASE, postRenderer: "" }, []],
  ["one that is not known yet", { ...RELEASE, postRenderer: pulumi.output(unknown) }, ["POST_RENDERED"]],
  ["that of a chart", { by: "MirroredChart", postRenderer: { command: "sed" } }, ["POST_RENDERED"]],
  ["values of the last revision", { ...RELEASE, reuseValues: true }, ["VALUES_REUSED"]],
  ["none of them where they are reset", { ...RELEASE, reuseValues: true, resetValues: true }, []],
])("tells %s", async (_, deployment, codes) => {
  expect(deploymentFindings(await readDeployment(deployment)).map(({ code }) => code)).toEqual(codes);
});

it("refuses a release whose provider writes objects into files, and says the way out", async () => {
  class Parent extends pulumi.ComponentResource {}
  const under = (name: string, args: kubernetes.ProviderArgs): pulumi.Resource =>
    new Parent("test:index:Parent", name, {}, { providers: [new kubernetes.Provider(name, args)] });
  const files = under("files", { renderYamlToDirectory: "rendered" });
  await expect(refuseDeployment("web", { deployment: RELEASE }, files)).rejects.toMatchObject({
    code: "RELEASE_NOT_RENDERED",
    message: expect.stringMatching(/renderYamlToDirectory: rendered[^]*Use MirroredChart/) as unknown,
  });
  await refuseDeployment("web", { deployment: { by: "MirroredChart" } }, files);
  await refuseDeployment("web", {}, files);
  await refuseDeployment("web", { deployment: RELEASE }, under("cluster", { namespace: "shop" }));
});

it("refuses to verify what nobody signed", () => {
  const deployed = { chart: "./.chart-mirror/web/0/shop", version: "1.0.0" };
  const verified = { by: "MirroredRelease", postRenders: false, reusesValues: false, verifies: true } as const;
  const refused = (of: typeof verified, onDisk: boolean, verifiable = false): boolean => {
    try {
      refuseUnverifiable(of, { ...deployed, onDisk, verifiable }, "shop");
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: "CHART_NOT_VERIFIABLE" });
      return true;
    }
  };
  expect([refused(verified, true), refused(verified, true, true), refused(verified, false)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(refused({ ...verified, verifies: false } as unknown as typeof verified, true)).toBe(false);
});
