/** Where another place serves a registry's images, errors name the place that was asked: there is what has to be mended. */
import { parseReference } from "../../../src/image/reference";
import { Registries } from "../../../src/oci/registries";
import { registryOf } from "../../../src/oci/errors/registryError";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type FaultAction, type RegistryOptions, type TestRegistry } from "../../support/registry";
import { freePort } from "../../support/freePort";
import { at, failure, FastClock } from "../fixture";

const users = { reader: { password: "right", access: [{ repositories: "other/*", actions: ["pull" as const] }] } };
const LOGIN = { username: "reader", password: "right" };
const WRONG = { username: "reader", password: "wrong" };
const DIGEST = `sha256:${"ab".repeat(32)}`;

let server: TestRegistry | undefined;
let registries: Registries | undefined;
afterEach(async () => {
  registries?.close();
  await server?.close();
  registries = server = undefined;
});

/** What goes wrong with an image of quay.io that is asked for at a proxy. */
async function failureAt(
  options: RegistryOptions,
  access: object,
  {
    image = "quay.io/team/web:1",
    match = /manifests/,
    answer,
  }: { image?: string; match?: RegExp; answer?: { status: number; body?: string } } = {},
) {
  server = await startRegistry(options);
  if (answer) server.faults.add({ match: { path: match, times: Infinity }, action: { kind: "answer", ...answer } });
  registries = new Registries({
    access: [{ host: "quay.io", location: `${server.host}/proxy`, plainHttp: options.tls === undefined, ...access }],
    retry: { attempts: 1, maxPauseMs: 0 },
  });
  return {
    error: await failure(registries.resolve(parseReference(image))),
    place: `${server.host}/proxy for quay.io`,
  };
}

it.each<[string, RegistryOptions, object, Parameters<typeof failureAt>[2], string]>([
  ["a password that is wrong (Basic)", { auth: { scheme: "basic", users } }, WRONG, {}, "LOGIN_REFUSED"],
  ["a password that is wrong (Bearer)", { auth: { scheme: "bearer", users } }, WRONG, {}, "LOGIN_REFUSED"],
  ["a login that is missing (Basic)", { auth: { scheme: "basic", users } }, {}, {}, "LOGIN_REQUIRED"],
  ["a login that is missing (Bearer)", { auth: { scheme: "bearer", users } }, {}, {}, "LOGIN_REQUIRED"],
  ["a right that is missing (Basic)", { auth: { scheme: "basic", users } }, LOGIN, {}, "ACCESS_DENIED"],
  ["a right that is missing (Bearer)", { auth: { scheme: "bearer", users } }, LOGIN, {}, "ACCESS_DENIED"],
  ["a tag that is not there", {}, {}, {}, "TAG_NOT_FOUND"],
  ["a digest that is not there", {}, {}, { image: `quay.io/team/web@${DIGEST}` }, "IMAGE_NOT_FOUND"],
  ["a repository that is not there", { behaviour: "ecr" }, {}, {}, "IMAGE_NOT_FOUND"],
  ["a certificate that nobody knows", { tls: true }, {}, {}, "TLS_UNTRUSTED"],
  ["TLS in place of plain http", {}, { plainHttp: false }, {}, "REGISTRY_SPEAKS_PLAIN_HTTP"],
  ["too many requests", {}, {}, { answer: { status: 429 } }, "QUOTA_EXCEEDED"],
  ["a failure of its own", {}, {}, { answer: { status: 500 } }, "REGISTRY_FAILED"],
])("%s", async (_, options, access, more, code) => {
  const { error, place } = await failureAt(options, access, more);
  expect(error).toMatchObject({ code });
  expect(error.message).toContain(place);
  // Programs still tell the registry by its name.
  if ("registry" in error) expect(error.registry).toBe("quay.io");
  expect(error.message).not.toMatch(/Registry quay\.io/);
});

it("a page in place of a token", async () => {
  const { error, place } = await failureAt({ auth: { scheme: "bearer", users } }, LOGIN, {
    match: /token/,
    answer: { status: 200, body: "<html><title>Sign in</title></html>" },
  });
  expect(error).toMatchObject({ name: "NoTokenError", registry: "quay.io" });
  expect(error.message).toContain(`Registry ${place}`);
});

it.each<[string, FaultAction, string]>([
  ["that ends early", { kind: "truncate", after: 100 }, "TRANSFER_FAILED"],
  ["that stalls", { kind: "stall", after: 100 }, "TRANSFER_FAILED"],
])("a blob %s", async (_, action, code) => {
  server = await startRegistry();
  const target = await startRegistry();
  try {
    await pushImage(server, "proxy/team/web:1", makeImage({ layers: [{ size: 900_000, seed: 1 }] }));
    server.faults.add({ match: { path: /\/blobs\//, times: Infinity }, action });
    const location = `${server.host}/proxy`;
    registries = new Registries({
      access: [
        { host: "quay.io", location, plainHttp: true },
        { host: target.host, plainHttp: true },
      ],
      retry: { attempts: 1 },
      clock: new FastClock(),
      stallTimeoutMs: 150,
    });
    const error = await failure(registries.copy(parseReference("quay.io/team/web:1"), at(target, "b:1")));
    expect(error).toMatchObject({ code, registry: "quay.io" });
    expect(error.message).toMatch(new RegExp(`egistry ${location} for quay\\.io `));
  } finally {
    await target.close();
  }
});

it.each([
  ["docker.io", "docker.io"],
  ["docker.io (at cdn.example)", "docker.io"],
  ["nexus.test/hub for docker.io", "docker.io"],
  ["nexus.test/hub for docker.io (at cdn.example)", "docker.io"],
  ["registry.test:5000 (at 127.0.0.1:80)", "registry.test:5000"],
])("of %s is the registry %s", (place, registry) => expect(registryOf(place)).toBe(registry));

it("one that does not answer", async () => {
  const location = `127.0.0.1:${await freePort()}`;
  registries = new Registries({ access: [{ host: "quay.io", location, plainHttp: true }], retry: { attempts: 1 } });
  const error = await failure(registries.head(parseReference("quay.io/team/web:1")));
  expect(error.message).toMatch(`Registry ${location} for quay.io could not be reached`);
});

it("is the registry itself where a location says the same in other words", async () => {
  const port = await freePort();
  const access = { host: `127.0.0.1:${port}`, location: `127.0.0.1:0${port}`, plainHttp: true };
  registries = new Registries({ access: [access], retry: { attempts: 1 } });
  const error = await failure(registries.head(parseReference(`127.0.0.1:${port}/team/web:1`)));
  expect(error.message).toMatch(`Registry 127.0.0.1:${port} could not be reached`);
});
