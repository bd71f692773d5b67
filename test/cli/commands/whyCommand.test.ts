/* eslint-disable @typescript-eslint/require-await -- the fake answers at once what a cluster answers later */
import type { V1Pod } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import Ajv from "ajv";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../src/cli/main";
import { whyCommand, type WhyOptions } from "../../../src/cli/commands/whyCommand";
import type { ClusterLogin } from "../../../src/cluster/clusterConnection";
import type { ReleaseCluster } from "../../../src/kubernetes/releaseWatch/releaseCluster";

const status = { name: "main", image: "r.io/api:1", imageID: "", ready: false, restartCount: 0 };
const pod = (name: string, reason: string): V1Pod => ({
  metadata: {
    name,
    namespace: "shop",
    ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "api", uid: "1", controller: true }],
  },
  spec: { containers: [{ name: "main", image: "r.io/api:1" }] },
  status: { containerStatuses: [{ ...status, state: { waiting: { reason, message: "r.io/api:1: not found" } } }] },
});

async function why(release: string, options: WhyOptions, pods: readonly V1Pod[]) {
  const said = { out: "", err: "" };
  const logins: ClusterLogin[] = [];
  const cluster: ReleaseCluster = {
    namespace: "shop",
    releases: async (namespace, { name }) =>
      namespace === "shop" && name === "shop"
        ? [
            {
              name,
              namespace,
              revision: 2,
              status: "failed",
              objects: [{ kind: "StatefulSet", namespace, name: "api" }],
            },
          ]
        : [],
    pods: async () => pods,
    warnings: async () => [],
    hasSecret: async () => true,
    secretWritten: async () => undefined,
  };
  const streams = { out: (text: string) => void (said.out += text), err: (text: string) => void (said.err += text) };
  const code = await whyCommand(release, options, streams, async (login) => {
    logins.push(login);
    return cluster;
  });
  return { code, logins, ...said };
}

it("says once which pods cannot pull and what to do, with an exit code", async () => {
  const { code, out, err } = await why("shop", {}, [pod("api-0", "ErrImagePull"), pod("api-1", "ImagePullBackOff")]);
  expect(code).toBe(1);
  expect(err).toBe("release shop/shop, revision 2: failed\n");
  expect(out).toMatch(
    /^pod shop\/api-\d, container main: r\.io\/api:1 .*: r\.io\/api:1: not found\. Look in r\.io.*\n$/,
  );
});

it("says it as data, as the schema has it", async () => {
  const schema = JSON.parse(readFileSync(join(__dirname, "../../../schema/output-v1.json"), "utf8")) as object;
  const { code, out } = await why("shop", { output: "json" }, [pod("api-0", "ErrImagePull")]);
  expect(code).toBe(1);
  const written = JSON.parse(out) as unknown;
  const ajv = new Ajv({ strict: true, strictTypes: false }).addSchema(schema);
  expect(ajv.validate("urn:pulumi-chart-mirror:output:1#/definitions/why", written) || ajv.errors).toBe(true);
  expect(written).toMatchObject([{ pod: "shop/api-0", container: "main", image: "r.io/api:1" }]);
});

it("is content with pods that wait for something else, of the cluster that was named", async () => {
  const { code, out, err, logins } = await why("shop", { namespace: "shop", context: "prod", kubeconfig: "./k" }, [
    pod("api-0", "ContainerCreating"),
  ]);
  expect([code, out]).toEqual([0, ""]);
  expect(err).toContain("none of its pods waits for an image");
  expect(logins).toEqual([{ context: "prod", kubeconfig: "./k" }]);
});

it("says where it has looked for a release that is not there", async () => {
  await expect(why("shop", { namespace: "other" }, [])).rejects.toMatchObject({
    code: "RELEASE_NOT_FOUND",
    message: expect.stringContaining("release shop in the namespace other") as string,
  });
});

it("is a command", async () => {
  let out = "";
  const streams = { out: (text: string) => void (out += text), err: () => undefined };
  expect(await main(["why", "--help"], streams)).toBe(0);
  expect(out).toMatch(/why \[options\] <release>[^]*--namespace[^]*--kubeconfig[^]*--context/);
});
