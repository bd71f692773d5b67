/** The policies of `pulumi-chart-mirror/policy`, run by the real engine from the pack of the example. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProject, type Project } from "../../support/engine";
import { memoryCluster } from "../../support/providers/kubernetes";

jest.setTimeout(300_000);

const checkout = join(__dirname, "../../..");
const example = (file: string): string => readFileSync(join(checkout, "examples/policy", file), "utf8");

/**
 * What starts a pack: the host of Node.js that newer engines ask for it cannot be had here (see pins.ts), but the engine takes
 * any program of this name for a runtime that has no host, and this is the SDK's own.
 */
const analyzer = `#!/bin/sh
exec node ${join(checkout, "node_modules/@pulumi/pulumi/cmd/run-policy-pack")} "$@"
`;

const program = `
  import * as kubernetes from "@pulumi/kubernetes";
  const pod = (name: string, image: any, namespace = "default") =>
    new kubernetes.core.v1.Pod(name, { metadata: { name, namespace }, spec: { containers: [{ name: "main", image }] } });
  pod("inside", "registry.example.com/platform/nginx:1");
  pod("excepted", "nginx:1", "kube-system");
  const map = new kubernetes.core.v1.ConfigMap("map", { data: { image: "nginx:1" } });
  if (process.env.OUTSIDE) pod("outside", "quay.io/a/b:1");
  if (process.env.UNKNOWN) pod("later", map.id);
`;

let bin: string;
let project: Project;
beforeAll(async () => {
  bin = mkdtempSync(join(tmpdir(), "analyzer-"));
  const file = join(bin, "pulumi-analyzer-policy-pack");
  writeFileSync(file, analyzer);
  chmodSync(file, 0o755);
  const cluster = await memoryCluster();
  project = await createProject({
    program: {
      "index.ts": program,
      "policy/index.ts": example("index.ts"),
      "policy/package.json": JSON.stringify({
        name: "images",
        version: "0.1.0",
        dependencies: { "@pulumi/policy": "*" },
      }),
      "policy/tsconfig.json": "{}",
      "policy/PulumiPolicy.yaml": example("PulumiPolicy.yaml").replace("runtime: nodejs", "runtime: pack"),
    },
    providers: [cluster.provider],
    path: [bin],
  });
});
afterAll(async () => {
  await project.dispose();
  rmSync(bin, { recursive: true });
});

const preview = (env: Record<string, string>, expectFailure = false) =>
  project.preview({ args: ["--policy-pack", join(project.folder, "policy")], env, expectFailure });

it("lets a stack pass that pulls from the mirror", async () => {
  expect((await preview({})).stdout).not.toContain("would pull");
});

it("fails a preview with a pod that does not", async () => {
  const { stdout } = await preview({ OUTSIDE: "yes" }, true);
  expect(stdout).toMatch(/\[mandatory\]\s+images-in-mirror\s+\(kubernetes:core\/v1:Pod: outside\)/);
  expect(stdout).toContain("spec.containers[0].image would pull quay.io/a/b:1 from outside the mirror");
});

it("says of an image that is not known yet that it is not checked", async () => {
  const { stdout } = await preview({ UNKNOWN: "yes" });
  expect(stdout).toMatch(/\[advisory\]\s+images-in-mirror\s+\(kubernetes:core\/v1:Pod: later\)/);
  expect(stdout).toContain("during preview");
});
