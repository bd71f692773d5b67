import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import { digestOf, type Digest } from "../../../src/image/digest";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { makeImage, pushImage } from "../../support/images";
import type { FaultMatch } from "../../support/registry";
import { ScriptedRegistry } from "../../support/registry/scriptedRegistry";
import { expectComplete } from "../copy/copies";
import { at, failure, Fixture } from "../fixture";
import { Registries } from "../../../src/oci/registries";

const fixture = new Fixture();
const CODINGS = ["gzip", "x-gzip", "deflate", "br", "gzip, br", "identity"];
const image = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (seed) => [
    { size: 900_000, seed },
    { size: 900, seed: "small" },
  ],
});
const BLOBS = /\/blobs\/sha/;

describe("a server that encodes whatever it is asked", () => {
  const all = CODINGS.flatMap((coding) => [false, true].map((chunked): [string, boolean] => [coding, chunked]));

  it.each(all)("in %s (without a length: %s) is read all the same: manifests and blobs", async (coding, chunked) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    source.faults.add({ match: { times: Infinity }, action: { kind: "encode", coding, chunked } });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
    expect(source.faults.met).toBeGreaterThan(4);
  });

  it.each(CODINGS)("in %s is read all the same: tokens, lists and what refuses", async (coding) => {
    const server = await fixture.registry({
      auth: { scheme: "bearer", users: { robot: "secret" }, tokenService: "otherHost" },
    });
    await pushImage(server, "a:1", image);
    server.faults.add({ match: { times: Infinity }, action: { kind: "encode", coding } });
    const client = fixture.client([server], {}, () => ({
      username: "robot",
      password: "secret",
      tokenServices: [server.tokenHost ?? ""],
    }));
    expect(await client.listTags(at(server, "a"))).toEqual(["1"]);
    expect(await failure(client.resolve(at(server, "a:2")))).toMatchObject({ code: "TAG_NOT_FOUND" });
  });

  it("at the target changes nothing", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    target.faults.add({ match: { times: Infinity }, action: { kind: "encode", coding: "gzip" } });
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
    expect(await client.copy(at(source, "a:1"), at(target, "b:1"))).toMatchObject({ unchanged: true });
  });

  it("and breaks off in the middle is asked for the rest", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    source.faults.add({ match: { path: BLOBS, times: 2 }, action: { kind: "cut", after: 400_000 } });
    source.faults.add({ match: { path: BLOBS, times: Infinity }, action: { kind: "encode", coding: "gzip" } });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
  });
});

it.each([
  "utf-8",
  "UTF8",
  "none",
  "binary",
  "8bit",
  "aws-chunked",
  "application/octet-stream",
  "charset=utf-8",
  "none, utf-8",
])("what is no coding leaves content as it is: %s", async (coding) => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  for (const server of [source, target])
    server.faults.add({
      match: { times: Infinity },
      action: { kind: "encode", coding, lies: true, chunked: true },
    });
  const client = fixture.client([source, target]);
  await client.copy(at(source, "a:1"), at(target, "b:1"));
  await expectComplete(target, "b", "1", image);
  expect(await client.listTags(at(source, "a"))).toEqual(["1"]);
});

it.each(CODINGS)("an answer without a body has none in %s, either", async (coding) => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const match = { method: ["POST", "PUT", "PATCH"], times: Infinity };
  target.faults.add({ match, action: { kind: "encode", coding, lies: true, chunked: true } });
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  await expectComplete(target, "b", "1", image);
  expect(target.faults.met).toBeGreaterThan(4);
});

it("a part that comes unasked, encoded, is not asked for again and again", async () => {
  const source = await fixture.registry();
  await pushImage(source, "a:1", image);
  const headers = { "content-encoding": "gzip", "content-range": "bytes 0-9/2000000" };
  source.faults.add({
    match: { path: BLOBS, times: 20 },
    action: { kind: "answer", status: 206, headers, body: "0123456789" },
  });
  const [{ digest, size }] = image.blobs as [(typeof image.blobs)[number]];
  const blob = { mediaType: "application/octet-stream", digest, size };
  const { body } = await fixture.client([source]).client(source.host).openBlob("a", blob, 0);
  body.resume();
  expect(source.faults.met).toBe(1);
});

it.each([
  ["with a length", BLOBS, false],
  ["without", BLOBS, true],
  ["manifests too", /./, true],
])("content that is only said to be encoded is taken as it is: %s", async (_, path, chunked) => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  source.faults.add({
    match: { path, times: Infinity },
    action: { kind: "encode", coding: "gzip", lies: true, chunked },
  });
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  await expectComplete(target, "b", "1", image);
});

it.each([900_000, 900])("a layer that is compressed itself, of %d bytes, and said to be encoded is", async (size) => {
  const [source, target] = await fixture.pair();
  const bytes = zlib.gzipSync(randomBytes(size));
  const layer = {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest: digestOf(bytes),
    size: bytes.length,
  };
  await source.putBlob("a", layer.digest, bytes);
  const { config } = JSON.parse(String(image.manifests[0]?.bytes)) as { config: { digest: Digest } };
  const held = image.blobs.find(({ digest }) => digest === config.digest);
  await source.putBlob("a", config.digest, held?.read() ?? Buffer.alloc(0));
  const manifest = { schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, config, layers: [layer] };
  source.putManifest("a", MediaType.OCI_MANIFEST, Buffer.from(JSON.stringify(manifest)), "1");
  source.faults.add({
    match: { path: BLOBS, times: Infinity },
    action: { kind: "encode", coding: "gzip", lies: true, chunked: true },
  });
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  expect(await target.defects("b", "1")).toEqual([]);
});

it("identity is asked for, of registries and token services", async () => {
  const server = await new ScriptedRegistry((request, response) => {
    const { "accept-encoding": wished = "", host } = request.headers;
    if (wished !== "identity") return void response.writeHead(406).end();
    if (request.url?.startsWith("/token")) return void response.end('{"token":"t"}');
    if (request.headers.authorization === undefined)
      return void response.writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token"` }).end();
    return "ignored";
  }).listen();
  const config = server.hold({}, "application/vnd.oci.empty.v1+json");
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const { digest } = server.hold({ schemaVersion: 2, mediaType, config, layers: [] }, mediaType, "1");
  const client = new Registries({ access: [{ host: server.host, plainHttp: true }] });
  try {
    expect(await client.resolve(at(server as never, "a:1"))).toMatchObject({ digest });
  } finally {
    client.close();
    await server.close();
  }
});

describe("an encoding that cannot be undone", () => {
  it.each<[string, FaultMatch]>([
    ["of a manifest", { method: "GET", path: /\/manifests\// }],
    ["of a blob", { path: BLOBS }],
  ])("is named: %s", async (_, match) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    source.faults.add({
      match: { ...match, times: Infinity },
      action: { kind: "encode", coding: "lz\u00e9", chunked: true },
    });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(error.code).toBe("REGISTRY_FAILED");
    expect(error.message).toMatch(/encoded as "lz.*Accept-Encoding: identity/);
  });

  it.each(["gzip, gzip, gzip, gzip", "br, nothing"])("is named, not begun: %s", async (coding) => {
    const server = await fixture.registry();
    await pushImage(server, "a:1", image);
    server.faults.add({ match: { times: Infinity }, action: { kind: "encode", coding, chunked: true } });
    const error = await failure(fixture.client([server]).listTags(at(server, "a")));
    expect(error.code).toBe("REGISTRY_FAILED");
  });
});

describe("zstd", () => {
  /** Node.js knows it since 22.15; before, it is an encoding like any other that nobody can read. */
  const known = "createZstdDecompress" in zlib;
  /** A frame of one raw block, with a window of 2 to the power of so much. */
  const frame = (bytes: Buffer, windowLog: number): Buffer => {
    const header = (bytes.length << 3) | 1;
    const window = (windowLog - 10) << 3;
    return Buffer.concat([
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, window, header & 255, (header >> 8) & 255, (header >> 16) & 255]),
      bytes,
    ]);
  };

  it.each([
    [20, "read"],
    [23, "read"],
    [24, "refused"],
    [27, "refused"],
  ])("costs no more memory than its window may (RFC 9659): 2^%i is %s", async (windowLog, outcome) => {
    const server = await fixture.registry();
    await pushImage(server, "a:1", image);
    const list = Buffer.from(JSON.stringify({ name: "a", tags: ["1"] }));
    server.faults.add({
      match: { path: /tags\/list/, times: Infinity },
      action: { kind: "bytes", bytes: frame(list, windowLog), coding: "zstd" },
    });
    const listed = fixture.client([server]).listTags(at(server, "a"));
    if (known && outcome === "read") expect(await listed).toEqual(["1"]);
    else expect(await failure(listed)).toMatchObject({ code: "REGISTRY_FAILED" });
  });
});

describe("what is small on its way and large behind it", () => {
  const bomb = zlib.gzipSync(Buffer.alloc(80 * 1024 * 1024));

  it.each<[string, FaultMatch]>([
    ["a manifest", { method: "GET", path: /\/manifests\// }],
    ["a small blob", { method: "GET", path: new RegExp(image.blobs.find(({ size }) => size === 900)?.digest ?? "") }],
    [
      "a large blob",
      { method: "GET", path: new RegExp(image.blobs.find(({ size }) => size === 900_000)?.digest ?? "") },
    ],
  ])("is no more than the largest that may come: %s", async (_, match) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    source.faults.add({ match: { ...match, times: Infinity }, action: { kind: "bytes", bytes: bomb, coding: "gzip" } });
    const before = process.memoryUsage().arrayBuffers;
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(["REGISTRY_LIMIT", "DIGEST_MISMATCH"]).toContain(error.code);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * 1024 * 1024);
    expect(target.tags("b")).toEqual([]);
  });
});
