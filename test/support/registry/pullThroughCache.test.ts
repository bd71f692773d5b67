import type { Digest } from "../../../src/image/digest";
import { makeImage, pushImage } from "../images";
import { type RegistryOptions, type TestRegistry } from ".";
import { errorCode, rawRequest } from "./transport/rawRequest";
import { registriesOfTest } from "./registriesOfTest";

const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"] });
const start = registriesOfTest();

/** What a node does: the index by tag, a child by digest, its blobs. */
async function pull(registry: TestRegistry, repository: string, tag: string): Promise<void> {
  expect((await rawRequest(registry, "GET", `/v2/${repository}/manifests/${tag}`)).status).toBe(200);
  for (const { digest } of image.manifests)
    expect((await rawRequest(registry, "GET", `/v2/${repository}/manifests/${digest}`)).status).toBe(200);
  for (const { digest } of image.blobs)
    expect((await rawRequest(registry, "GET", `/v2/${repository}/blobs/${digest}`)).status).toBe(200);
}

const users = { _json_key: "the key" };
const login = { username: "_json_key", password: "the key" };

test.each<[string, RegistryOptions]>([
  ["without login", {}],
  ["with Basic", { auth: { scheme: "basic", users } }],
  ["with tokens of another host", { auth: { scheme: "bearer", users, tokenService: "otherHost" } }],
  ["behind object storage, over TLS", { auth: { scheme: "bearer", users }, objectStorage: true, tls: true }],
])("an upstream %s is pulled from once", async (_, options) => {
  const upstream = await start(options);
  await pushImage(upstream, "appcircle/docker-registry/app/server:1.0", image);
  const { url, ca } = upstream;
  const cache = await start({
    behaviour: "quay",
    upstreams: [{ url, prefix: "proxy", path: "appcircle/docker-registry", ...login, ...(ca !== undefined && { ca }) }],
  });
  await pull(cache, "proxy/app/server", "1.0");
  expect(await cache.defects("proxy/app/server", "1.0")).toEqual([]);
  const asked = upstream.requests.all.length;
  await pull(cache, "proxy/app/server", "1.0");
  expect(upstream.requests.all.length).toBe(asked);
});

test("missing content, wrong logins and other prefixes are 404", async () => {
  const upstream = await start({ auth: { scheme: "basic", users } });
  await pushImage(upstream, "app:1.0", image);
  const cache = await start({
    upstreams: [
      { url: upstream.url, prefix: "good", ...login },
      { url: upstream.url, prefix: "bad", username: "_json_key", password: "wrong" },
    ],
  });
  for (const path of [
    "good/app/manifests/2.0",
    "good/none/manifests/1.0",
    "bad/app/manifests/1.0",
    "other/app/manifests/1.0",
  ])
    expect((await rawRequest(cache, "GET", `/v2/${path}`)).status).toBe(404);
  expect(cache.repositories()).toEqual([]);
  expect((await rawRequest(cache, "GET", "/v2/good/app/manifests/1.0")).status).toBe(200);
});

test("many that ask for one blob at once cost one transfer", async () => {
  const upstream = await start({});
  await pushImage(upstream, "app:1.0", image);
  const cache = await start({ upstreams: [{ url: upstream.url }] });
  await rawRequest(cache, "GET", "/v2/app/manifests/1.0");
  const layer = image.blobs.at(-1)?.digest as Digest;
  await Promise.all([1, 2, 3].map(() => rawRequest(cache, "GET", `/v2/app/blobs/${layer}`)));
  expect(upstream.requests.count({ path: /blobs/ })).toBe(1);
});

test("wrong bytes from the upstream are not kept", async () => {
  const upstream = await start({});
  await pushImage(upstream, "app:1.0", image);
  upstream.faults.add({ match: { path: /blobs|manifests\/sha256/, times: Infinity }, action: { kind: "flip", at: 3 } });
  const cache = await start({ upstreams: [{ url: upstream.url }] });
  await rawRequest(cache, "GET", "/v2/app/manifests/1.0");
  expect((await rawRequest(cache, "GET", `/v2/app/blobs/${image.blobs[0]?.digest}`)).status).toBe(404);
  expect((await rawRequest(cache, "GET", `/v2/app/manifests/${image.manifests[0]?.digest}`)).status).toBe(404);
});

test("ecr fills a cache by tag, and makes its repository; a first pull by digest finds nothing", async () => {
  const upstream = await start({});
  await pushImage(upstream, "library/nginx:1", image);
  const cache = await start({ behaviour: "ecr", upstreams: [{ url: upstream.url, prefix: "hub" }] });
  const byDigest = `/v2/hub/library/nginx/manifests/${image.digest}`;
  expect(errorCode(await rawRequest(cache, "GET", byDigest))).toBe("NAME_UNKNOWN");
  await pull(cache, "hub/library/nginx", "1");
  expect((await rawRequest(cache, "GET", byDigest)).status).toBe(200);
});

test("a catalogue decides on repositories, tags and is told of manifests", async () => {
  const stored: string[] = [];
  const registry = await start({
    behaviour: "ecr",
    catalogue: {
      exists: (repository) => Promise.resolve(repository === "known"),
      create: (repository) => Promise.resolve(repository.startsWith("template/")),
      isImmutable: (_, tag) => Promise.resolve(tag === "fixed"),
      manifestStored: (repository, { digest }, tag) =>
        Promise.resolve(void stored.push(`${repository}:${tag}@${digest}`)),
    },
  });
  const single = makeImage();
  for (const repository of ["known", "template/a"]) await pushImage(registry, repository, single);
  const put = async (repository: string, tag: string) => {
    const headers = { "content-type": single.mediaType };
    const body = single.manifests[0]?.bytes ?? "";
    return (await rawRequest(registry, "PUT", `/v2/${repository}/manifests/${tag}`, { headers, body })).status;
  };
  expect([await put("known", "fixed"), await put("known", "fixed"), await put("known", "loose")]).toEqual([
    201, 400, 201,
  ]);
  expect([await put("known", "loose"), await put("template/a", "1"), await put("unknown", "1")]).toEqual([
    201, 201, 404,
  ]);
  expect(stored).toEqual(
    ["known:fixed", "known:loose", "known:loose", "template/a:1"].map((s) => `${s}@${single.digest}`),
  );
});
