import { registryAccess, type AccessInput } from "../../src/copy/imageCopyInputs";
import { parseReference } from "../../src/image/reference";
import { AcrRegistry } from "../../src/registry/acr/acrRegistry";
import { EcrRegistry } from "../../src/registry/ecr/ecrRegistry";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import type { MirrorRegistry } from "../../src/registry/mirrorRegistry";
import { QuayRegistry } from "../../src/quay/component/quayRegistry";
import { SharedRegistry } from "../../src/registry/sharedRegistry";
import { failure, Fixture } from "../oci/fixture";
import { makeImage, pushImage } from "../support/images";
import { mockedEngine, value } from "../support/providers/mockedEngine";

mockedEngine({
  answers: {
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": { userName: "AWS", password: "aws-token" },
    "azure-native:authorization:getClientToken": { token: "entra-token" },
    "azure-native:authorization:getClientConfig": { subscriptionId: "sub-1" },
  },
  outputs: () => ({ token: "robot-token", password: "token-password" }),
});

const fixture = new Fixture();
const image = makeImage();

/** What a copy to a registry fails with whose every upload is answered so. */
async function refusal(registry: MirrorRegistry, status: number, code: string): Promise<string> {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const body = JSON.stringify({ errors: [{ code, message: "no" }] });
  target.faults.add({ match: { method: "POST", times: Infinity }, action: { kind: "answer", status, body } });
  const { host } = await registry.address;
  const { azureToken: _, ...access } = (await value(registry.pushAccess)) as AccessInput;
  const reached = registryAccess({ ...access, plainHttp: true });
  const registries = fixture.client([source], {
    access: [{ host: source.host, plainHttp: true }, reached],
    // The name is the company's, and no one's on this machine.
    environment: { HTTP_PROXY: `http://${target.host}`, NO_PROXY: source.host.split(":")[0] },
    // Whoever asks to wait is waited for no longer than this.
    retry: { maxPauseMs: 0 },
  });
  const copy = registries.copy(parseReference(`${source.host}/a:1`), parseReference(`${host}/team/a:1`));
  return (await failure(copy)).message;
}

const quay = (host: string) => new QuayRegistry("q", { host, organization: "team", token: "api-token" });

describe.each<[string, () => MirrorRegistry, RegExp, RegExp]>([
  ["Quay", () => quay("registry.corp.example:8443"), /Give the robot the role write/, /lower the concurrency$/],
  ["Quay that its name tells", () => quay("quay.corp.example"), /Give the robot the role write/, /concurrency$/],
  [
    "ACR with a name of the company",
    () => new AcrRegistry("a", { registryName: "contoso1", host: "registry.corp.example", existing: true }),
    /the role AcrPush/,
    /larger sku/,
  ],
  [
    "ECR of a partition with a domain of its own",
    () => new EcrRegistry("e", { registryId: "123456789012", region: "eusc-de-east-1" }),
    /ecr:PutImage on the repository team\/a/,
    /Service Quotas/,
  ],
  [
    "any other",
    () => new ExistingRegistry("x", { host: "registry.corp.example" }),
    /Grant the login the right to push on the repository team\/a/,
    /lower the concurrency$/,
  ],
])("%s", (_, make, denied, limited) => {
  it.each<[string, () => Promise<MirrorRegistry>]>([
    ["in its own stack", () => Promise.resolve(make())],
    ["in another stack", async () => new SharedRegistry("s", await value(make().reference))],
  ])("gets the advice of its kind %s", async (__, registry) => {
    expect(await refusal(await registry(), 403, "DENIED")).toMatch(denied);
    expect(await refusal(await registry(), 429, "TOOMANYREQUESTS")).toMatch(limited);
  });
});

it("tells its kind to whoever tries the login of pods", async () =>
  expect(await value(quay("registry.corp.example").pullReach())).toEqual({
    host: "registry.corp.example",
    kind: "quay",
  }));

it("limits the rate by its own code, whatever the status", async () => {
  const ecr = () => new EcrRegistry("e", { registryId: "123456789012", region: "eu-west-1" });
  expect(await refusal(ecr(), 400, "ThrottlingException")).toMatch(/no more requests for now.*Service Quotas/);
});
