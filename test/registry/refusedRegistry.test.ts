/** A registry whose arguments cannot be makes nothing: an update without a preview would begin with its children at once. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

interface Outcome {
  /** Types of what was registered. */
  readonly registered: readonly string[];
  /** What the SDK would report, each error once. */
  readonly errors: readonly string[];
}

/** What an update (or a preview) of a program makes, and how it fails. */
function outcomeOf(body: string, { preview = false }: { preview?: boolean } = {}): Outcome {
  const program = `
    const pulumi = require("@pulumi/pulumi");
    const registered = [];
    const errors = new Set();
    process.on("unhandledRejection", (error) => errors.add(error));
    const answers = {
      "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
      "aws:index/getRegion:getRegion": { region: "eu-west-1" },
      "azure-native:authorization:getClientConfig": { subscriptionId: "sub" },
      "azure-native:authorization:getClientToken": { token: "token" },
    };
    pulumi.runtime.setMocks({
      call: ({ token }) => answers[token] ?? {},
      newResource: ({ type, name, inputs }) => (registered.push(type), { id: name, state: inputs }),
    }, "project", "stack", ${preview});
    const mirror = require("./src/index.ts");
    ${body}
    process.on("beforeExit", () => {
      process.stdout.write(JSON.stringify({ registered, errors: [...errors].map(({ message }) => message) }));
      process.exit();
    });
  `;
  const args = ["--require", "./test/support/typescript.js", "-e", program];
  const cwd = join(__dirname, "../..");
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: "utf8" })) as Outcome;
}

const refused = [
  [
    "EcrRegistry",
    `{ path: "Team", blobMounting: true, replicateTo: ["eu-west-2"], pullers: { nodes: "role" },
       repositories: "createOnPush", pullThrough: [{ upstream: "quay.io", path: "quay" }] }`,
    /its path is "Team"/,
  ],
  [
    "AcrRegistry",
    `{ registryName: "a", resourceGroupName: "g", pullers: { nodes: "id" }, pullToken: {}, cacheRules: [{ upstream: "quay.io", path: "quay" }] }`,
    /its registryName is "a"/,
  ],
  [
    "AcrRegistry",
    `{ registryName: "contoso1", existing: true, sku: "Basic", resourceGroupName: "g", pullers: { nodes: "id" }, pullToken: {} }`,
    /sku would be ignored/,
  ],
  [
    "QuayRegistry",
    `{ host: "https://quay.example.com", organization: "team", repositories: "create" }`,
    /is not a host name/,
  ],
  [
    "QuayRegistry",
    `{ host: "q.io", organization: "team", proxy: { upstream: "http://quay.io" } }`,
    /its proxy's upstream/,
  ],
] as const;

describe.each(refused)("%s %s", (type, args, problem) => {
  it("makes nothing, and says why once", () => {
    const { registered, errors } = outcomeOf(`new mirror.${type}("mirror", ${args});`);
    expect(registered).toEqual([`pulumi-chart-mirror:index:${type}`]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(problem);
  });
});

it("is told once, whoever else uses the registry", () => {
  const { errors } = outcomeOf(`
    const registry = new mirror.QuayRegistry("mirror", { host: "https://q.io", organization: "team" });
    new mirror.ChartMirror("web", { chart: "./chart", registry });
  `);
  expect(errors).toHaveLength(1);
});

it.each([
  [
    "EcrRegistry",
    `{ registryId: "123456789012", region: "eu-west-1", blobMounting: true }`,
    "aws:ecr/accountSetting:AccountSetting",
  ],
  ["AcrRegistry", `{ registryName: "contoso1", resourceGroupName: "g" }`, "azure-native:containerregistry:Registry"],
  ["QuayRegistry", `{ host: "q.io", organization: "team" }`, "pulumi-nodejs:dynamic/chart-mirror:QuayOrganization"],
])("%s %s makes its own", (type, args, child) => {
  const { registered, errors } = outcomeOf(`new mirror.${type}("mirror", ${args});`);
  expect(errors).toEqual([]);
  expect(registered).toContain(child);
});

it.each([
  ["EcrRegistry", `{ region: unknown, blobMounting: true }`, "aws:ecr/accountSetting:AccountSetting"],
  ["AcrRegistry", `{ registryName: unknown, resourceGroupName: "g" }`, "azure-native:containerregistry:Registry"],
  ["QuayRegistry", `{ host: unknown, organization: "team" }`, "pulumi-nodejs:dynamic/chart-mirror:QuayOrganization"],
])("%s %s shows them in a preview that does not know enough to check", (type, args, child) => {
  const program = `const unknown = pulumi.output(pulumi.unknown); new mirror.${type}("mirror", ${args});`;
  const { registered, errors } = outcomeOf(program, { preview: true });
  expect(errors).toEqual([]);
  expect(registered).toContain(child);
});
