import { makeImage, pushImage } from "../images";
import { basic, errorCode, rawRequest } from "../registry/transport/rawRequest";
import { registriesOfTest } from "../registry/registriesOfTest";
import type { TestRegistry } from "../registry";
import { DEFAULT_SCOPE, ecrHostName, startEcr, startMoto, type EcrOptions, type Moto } from ".";

jest.setTimeout(300_000); // The first test installs moto where it is missing.

const image = makeImage();
const layer = image.blobs.at(-1)?.digest ?? "";
const otherScope = { account: "210987654321", region: "eu-central-1" };

let moto: Moto;
const running: TestRegistry[] = [];
const startRegistry = registriesOfTest();
async function start(options?: EcrOptions): Promise<TestRegistry> {
  const registry = await startEcr(moto, options);
  running.push(registry);
  return registry;
}
beforeAll(async () => void (moto = await startMoto()));
afterAll(() => moto.close());
beforeEach(() => fetch(`${moto.url}/moto-api/reset`, { method: "POST" }));
afterEach(() => Promise.all(running.splice(0).map((registry) => registry.close())));

const ecr = <T = Record<string, unknown>>(operation: string, parameters: object = {}) =>
  moto.call<T>("ecr", operation, parameters);

async function token(scope = DEFAULT_SCOPE): Promise<{ password: string; expiresAt: number }> {
  const { authorizationData } = await moto.call<{
    authorizationData: { authorizationToken: string; expiresAt: number }[];
  }>("ecr", "GetAuthorizationToken", {}, scope);
  const { authorizationToken = "", expiresAt = 0 } = authorizationData[0] ?? {};
  const [user, password = ""] = Buffer.from(authorizationToken, "base64").toString().split(/:(.*)/s);
  expect(user).toBe("AWS");
  return { password, expiresAt };
}

async function request(registry: TestRegistry, method: string, path: string, body?: Uint8Array) {
  const authorization = basic("AWS", (await token()).password);
  const headers = { authorization, ...(body && { "content-type": image.mediaType }) };
  return rawRequest(registry, method, path, { headers, ...(body && { body }) });
}

/** Pushes as a client does, but for the blobs. */
async function push(registry: TestRegistry, repository: string, tag: string, what = image) {
  await request(registry, "POST", `/v2/${repository}/blobs/uploads/`);
  for (const blob of what.blobs) await registry.putBlob(repository, blob.digest, blob.read());
  return request(registry, "PUT", `/v2/${repository}/manifests/${tag}`, what.manifests.at(-1)?.bytes);
}

describe("logins", () => {
  test("each is another one, for 12 hours, of one account and region", async () => {
    let now = Date.now();
    const registry = await start({ now: () => now });
    const [first, second, foreign] = [await token(), await token(), await token(otherScope)];
    expect(first.password).not.toBe(second.password);
    expect(Math.round((first.expiresAt * 1000 - now) / 3_600_000)).toBe(12);
    const status = async (password: string) =>
      (await rawRequest(registry, "GET", "/v2/", { headers: { authorization: basic("AWS", password) } })).status;
    expect(await Promise.all([first.password, second.password, foreign.password, "x"].map(status))).toEqual([
      200, 200, 403, 403,
    ]);
    expect(await status(first.password.replace(DEFAULT_SCOPE.region, "eu-west-1"))).toBe(403);
    expect((await rawRequest(registry, "GET", "/v2/")).status).toBe(401);
    // The login was made some time after the test began.
    now = Date.now() + 12 * 3_600_000 + 1000;
    expect(await status(first.password)).toBe(403);
  });
});

describe("repositories", () => {
  test("are those of moto, which lists what is pushed", async () => {
    const registry = await start();
    expect(errorCode(await push(registry, "team/app", "1.0"))).toBe("NAME_UNKNOWN");
    await ecr("CreateRepository", { repositoryName: "team/app" });
    expect((await request(registry, "GET", "/v2/team/app/tags/list")).status).toBe(200);
    expect((await push(registry, "team/app", "1.0")).status).toBe(201);
    expect((await push(registry, "team/app", "1.0")).status).toBe(201);
    const { imageIds } = await ecr<{ imageIds: object[] }>("ListImages", { repositoryName: "team/app" });
    expect(imageIds).toEqual([{ imageDigest: image.digest, imageTag: "1.0" }]);
  });

  test("that are made anew are empty", async () => {
    const registry = await start();
    await ecr("CreateRepository", { repositoryName: "team/app" });
    await push(registry, "team/app", "1.0");
    await ecr("DeleteRepository", { repositoryName: "team/app", force: true });
    await ecr("CreateRepository", { repositoryName: "team/app" });
    expect((await request(registry, "HEAD", "/v2/team/app/manifests/1.0")).status).toBe(404);
  });

  test.each([
    [{ imageTagMutability: "IMMUTABLE" }, 400, 400],
    [{ imageTagMutability: "MUTABLE" }, 201, 201],
    [{ imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" }, 201, 400],
    [{ imageTagMutability: "MUTABLE_WITH_EXCLUSION" }, 400, 201],
  ])("%j: dev-1 again %s, 1.0 again %s", async (mutability, dev, release) => {
    const registry = await start();
    const filters = [{ filterType: "WILDCARD", filter: "dev-*" }];
    await ecr("CreateRepository", {
      repositoryName: "team/app",
      ...mutability,
      ...(mutability.imageTagMutability.includes("EXCLUSION") && { imageTagMutabilityExclusionFilters: filters }),
    });
    for (const tag of ["dev-1", "1.0"]) expect((await push(registry, "team/app", tag)).status).toBe(201);
    expect([
      (await push(registry, "team/app", "dev-1")).status,
      (await push(registry, "team/app", "1.0")).status,
    ]).toEqual([dev, release]);
  });

  test("a template makes them on push, with its settings, where one applies", async () => {
    const registry = await start();
    const template = { imageTagMutability: "IMMUTABLE", resourceTags: [{ Key: "team", Value: "a" }] };
    await ecr("CreateRepositoryCreationTemplate", { prefix: "team", appliedFor: ["CREATE_ON_PUSH"], ...template });
    await ecr("CreateRepositoryCreationTemplate", { prefix: "cache", appliedFor: ["PULL_THROUGH_CACHE"] });
    expect((await push(registry, "team/new", "1")).status).toBe(201);
    expect((await push(registry, "cache/new", "1")).status).toBe(404);
    expect((await push(registry, "teams/new", "1")).status).toBe(404);
    const { repositories } = await ecr<{ repositories: object[] }>("DescribeRepositories");
    expect(repositories).toMatchObject([{ repositoryName: "team/new", imageTagMutability: "IMMUTABLE" }]);
  });

  test("mount blobs when the account says so, within one encryption", async () => {
    const registry = await start();
    const kms = { encryptionConfiguration: { encryptionType: "KMS" } };
    for (const [repositoryName, settings] of Object.entries({ a: {}, b: {}, c: kms }))
      await ecr("CreateRepository", { repositoryName: `mount/${repositoryName}`, ...settings });
    await push(registry, "mount/a", "1");
    const mount = async (to: string) =>
      (await request(registry, "POST", `/v2/mount/${to}/blobs/uploads/?mount=${layer}&from=mount/a`)).status;
    expect(await mount("b")).toBe(202);
    await ecr("PutAccountSetting", { name: "BLOB_MOUNTING", value: "ENABLED" });
    expect([await mount("b"), await mount("c")]).toEqual([201, 202]);
  });
});

describe("pull-through cache rules", () => {
  const secret = async (name: string) => {
    const SecretString = JSON.stringify({ username: "robot", accessToken: "hub-secret" });
    return (await moto.call<{ ARN: string }>("secretsmanager", "CreateSecret", { Name: name, SecretString })).ARN;
  };
  const rule = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, more: object = {}) =>
    ecr("CreatePullThroughCacheRule", { ecrRepositoryPrefix, upstreamRegistryUrl, ...more });

  test("fetch from their upstream with the login of their secret, and make the repository", async () => {
    const hub = await startRegistry({ auth: { scheme: "bearer", users: { robot: "hub-secret" } } });
    await pushImage(hub, "library/nginx:1", image);
    const registry = await start({ upstreams: { "registry-1.docker.io": { url: hub.url } } });
    await rule("docker-hub", "registry-1.docker.io", { credentialArn: await secret("ecr-pullthroughcache/hub") });
    expect((await request(registry, "GET", "/v2/docker-hub/nginx/manifests/1")).status).toBe(404);
    expect((await request(registry, "GET", "/v2/docker-hub/library/nginx/manifests/1")).status).toBe(200);
    for (const { digest } of image.blobs)
      expect((await request(registry, "GET", `/v2/docker-hub/library/nginx/blobs/${digest}`)).status).toBe(200);
    expect(await registry.isComplete("docker-hub/library/nginx", "1")).toBe(true);
    const { repositories } = await ecr<{ repositories: object[] }>("DescribeRepositories");
    expect(repositories).toMatchObject([{ repositoryName: "docker-hub/library/nginx" }]);
  });

  test("are kept, changed and deleted", async () => {
    await rule("quay", "quay.io", { upstreamRepositoryPrefix: "org" });
    const { pullThroughCacheRules } = await ecr<{ pullThroughCacheRules: object[] }>("DescribePullThroughCacheRules");
    expect(pullThroughCacheRules).toMatchObject([
      {
        ecrRepositoryPrefix: "quay",
        upstreamRegistryUrl: "quay.io",
        upstreamRepositoryPrefix: "org",
        registryId: DEFAULT_SCOPE.account,
      },
    ]);
    const credentialArn = await secret("ecr-pullthroughcache/quay");
    expect(await ecr("UpdatePullThroughCacheRule", { ecrRepositoryPrefix: "quay", credentialArn })).toMatchObject({
      credentialArn,
    });
    expect(await ecr("ValidatePullThroughCacheRule", { ecrRepositoryPrefix: "quay" })).toMatchObject({ isValid: true });
    await ecr("DeletePullThroughCacheRule", { ecrRepositoryPrefix: "quay" });
    expect(await ecr("DescribePullThroughCacheRules")).toEqual({ pullThroughCacheRules: [] });
    expect(await moto.call("ecr", "DescribePullThroughCacheRules", {}, otherScope)).toEqual({
      pullThroughCacheRules: [],
    });
  });

  test.each<[string, string, object, string]>([
    ["taken", "quay.io", {}, "PullThroughCacheRuleAlreadyExistsException"],
    ["x1", "registry.example.com", {}, "UnsupportedUpstreamRegistryException"],
    ["x2", "registry-1.docker.io", {}, "InvalidParameterException"],
    [
      "x3",
      "quay.io",
      { credentialArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/none" },
      "SecretNotFoundException",
    ],
    [
      "x4",
      "quay.io",
      { credentialArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:other/name/that/is/long" },
      "ValidationException",
    ],
    [
      "x5",
      "quay.io",
      { credentialArn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub" },
      "InvalidParameterException",
    ],
    ["x6", "quay.io", { unknownParameter: "x" }, "ValidationException"],
    ["x", "quay.io", {}, "ValidationException"],
  ])("%s of %s with %j is refused", async (prefix, upstream, more, code) => {
    await rule("taken", "quay.io");
    await expect(rule(prefix, upstream, more)).rejects.toMatchObject({ code });
  });
});

test("templates and settings are kept, changed and refused when wrong", async () => {
  await ecr("CreateRepositoryCreationTemplate", { prefix: "a", appliedFor: ["CREATE_ON_PUSH"], description: "one" });
  const again = ecr("CreateRepositoryCreationTemplate", { prefix: "a", appliedFor: ["CREATE_ON_PUSH"] });
  await expect(again).rejects.toMatchObject({ code: "TemplateAlreadyExistsException" });
  await ecr("UpdateRepositoryCreationTemplate", { prefix: "a", description: "two" });
  const { repositoryCreationTemplates } = await ecr<{ repositoryCreationTemplates: object[] }>(
    "DescribeRepositoryCreationTemplates",
  );
  expect(repositoryCreationTemplates).toMatchObject([
    { prefix: "a", description: "two", imageTagMutability: "MUTABLE" },
  ]);
  await ecr("DeleteRepositoryCreationTemplate", { prefix: "a" });
  await expect(ecr("DeleteRepositoryCreationTemplate", { prefix: "a" })).rejects.toMatchObject({
    code: "TemplateNotFoundException",
  });
  expect(await ecr("GetAccountSetting", { name: "BLOB_MOUNTING" })).toEqual({
    name: "BLOB_MOUNTING",
    value: "DISABLED",
  });
  for (const setting of [
    { name: "OTHER", value: "ENABLED" },
    { name: "BLOB_MOUNTING", value: "YES" },
  ])
    await expect(ecr("PutAccountSetting", setting)).rejects.toMatchObject({ code: "InvalidParameterException" });
});

test("an account's registry has its own name and repositories", async () => {
  const registry = await start({ scope: otherScope });
  expect(ecrHostName(otherScope)).toBe("210987654321.dkr.ecr.eu-central-1.amazonaws.com");
  await ecr("CreateRepository", { repositoryName: "team/app" });
  const authorization = basic("AWS", (await token(otherScope)).password);
  const answer = await rawRequest(registry, "GET", "/v2/team/app/tags/list", { headers: { authorization } });
  expect(errorCode(answer)).toBe("NAME_UNKNOWN");
});
