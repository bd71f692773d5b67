import { Readable } from "node:stream";
import { digestOf, type Digest } from "../../../src/image/digest";
import { makeArtifact, makeImage, pushImage, type SyntheticImage } from "../images";
import type { TestRegistry } from ".";
import { errorCode, rawRequest, type RawOptions } from "./transport/rawRequest";
import { registriesOfTest } from "./registriesOfTest";

// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md, endpoint by endpoint.
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const blob = Buffer.from("0123456789");
const digest = digestOf(blob);
const absent = digestOf("absent");
const image = makeImage({ layers: [{ bytes: blob }] });
const manifest = image.manifests[0]?.bytes ?? Buffer.alloc(0);

const start = registriesOfTest();
let registry: TestRegistry;
const send = (method: string, path: string, options?: RawOptions) => rawRequest(registry, method, path, options);

beforeEach(async () => {
  registry = await start();
  await pushImage(registry, "team/app:1.0", image);
});

interface Row {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  status: number;
  code?: string;
  answer?: Record<string, string>;
  text?: string;
}

const PULL: Row[] = [
  { method: "GET", path: "/v2/", status: 200, answer: { "docker-distribution-api-version": "registry/2.0" } },
  { method: "GET", path: "/v2/nothing", status: 404 },
  { method: "GET", path: "/v2/UPPER/manifests/1.0", status: 400, code: "NAME_INVALID" },
  { method: "GET", path: `/v2/team/app/blobs/${digest}`, status: 200, text: "0123456789" },
  {
    method: "HEAD",
    path: `/v2/team/app/blobs/${digest}`,
    status: 200,
    text: "",
    answer: { "content-length": "10", "docker-content-digest": digest },
  },
  { method: "GET", path: `/v2/team/app/blobs/${absent}`, status: 404, code: "BLOB_UNKNOWN" },
  { method: "GET", path: `/v2/other/blobs/${digest}`, status: 404, code: "BLOB_UNKNOWN" },
  { method: "GET", path: "/v2/team/app/blobs/sha256:12", status: 400, code: "DIGEST_INVALID" },
  { method: "GET", path: `/v2/team/app/blobs/${digest}`, headers: { range: "bytes=2-4" }, status: 206, text: "234" },
  {
    method: "GET",
    path: `/v2/team/app/blobs/${digest}`,
    headers: { range: "bytes=7-" },
    status: 206,
    text: "789",
    answer: { "content-range": "bytes 7-9/10" },
  },
  { method: "GET", path: `/v2/team/app/blobs/${digest}`, headers: { range: "bytes=-4" }, status: 206, text: "6789" },
  { method: "GET", path: `/v2/team/app/blobs/${digest}`, headers: { range: "bytes=10-" }, status: 416 },
  { method: "GET", path: `/v2/team/app/blobs/${digest}`, headers: { range: "lines=1-2" }, status: 200 },
  { method: "PATCH", path: `/v2/team/app/blobs/${digest}`, status: 405, code: "UNSUPPORTED" },
  {
    method: "GET",
    path: "/v2/team/app/manifests/1.0",
    status: 200,
    text: manifest.toString(),
    answer: { "content-type": OCI_MANIFEST, "docker-content-digest": image.digest },
  },
  { method: "GET", path: `/v2/team/app/manifests/${image.digest}`, status: 200, text: manifest.toString() },
  { method: "HEAD", path: "/v2/team/app/manifests/1.0", status: 200, text: "" },
  { method: "GET", path: "/v2/team/app/manifests/2.0", status: 404, code: "MANIFEST_UNKNOWN" },
  { method: "GET", path: `/v2/team/app/manifests/${absent}`, status: 404, code: "MANIFEST_UNKNOWN" },
  { method: "GET", path: "/v2/team/app/manifests/.bad", status: 400, code: "TAG_INVALID" },
  { method: "GET", path: "/v2/team/app/manifests/1.0", headers: { accept: OCI_INDEX }, status: 404 },
  {
    method: "GET",
    path: "/v2/team/app/manifests/1.0",
    headers: { accept: `${OCI_INDEX}, ${OCI_MANIFEST};q=0.5` },
    status: 200,
  },
  { method: "GET", path: "/v2/team/app/manifests/1.0", headers: { accept: "*/*" }, status: 200 },
  { method: "POST", path: "/v2/team/app/manifests/1.0", status: 405, code: "UNSUPPORTED" },
];

const PUSH: Row[] = [
  { method: "POST", path: "/v2/new/app/blobs/uploads/", status: 202, answer: { range: "0-0" } },
  { method: "GET", path: "/v2/new/app/blobs/uploads/", status: 405 },
  { method: "PATCH", path: "/v2/team/app/blobs/uploads/unknown", body: "x", status: 404, code: "BLOB_UPLOAD_UNKNOWN" },
  { method: "POST", path: `/v2/new/app/blobs/uploads/?digest=${digestOf("whole")}`, body: "whole", status: 201 },
  {
    method: "POST",
    path: `/v2/new/app/blobs/uploads/?digest=${absent}`,
    body: "whole",
    status: 400,
    code: "DIGEST_INVALID",
  },
  { method: "POST", path: `/v2/new/app/blobs/uploads/?mount=${digest}&from=team/app`, status: 201 },
  { method: "POST", path: `/v2/new/app/blobs/uploads/?mount=${digest}`, status: 202 },
  { method: "POST", path: `/v2/new/app/blobs/uploads/?mount=${absent}&from=team/app`, status: 202 },
  { method: "POST", path: `/v2/new/app/blobs/uploads/?mount=${digest}&from=nowhere`, status: 202 },
  {
    method: "PUT",
    path: "/v2/team/app/manifests/again",
    headers: { "content-type": OCI_MANIFEST },
    body: manifest,
    status: 201,
    answer: { "docker-content-digest": image.digest },
  },
  {
    method: "PUT",
    path: `/v2/team/app/manifests/${digestOf(manifest, "sha512")}`,
    headers: { "content-type": OCI_MANIFEST },
    body: manifest,
    status: 201,
  },
  {
    method: "PUT",
    path: `/v2/team/app/manifests/${absent}`,
    headers: { "content-type": OCI_MANIFEST },
    body: manifest,
    status: 400,
    code: "DIGEST_INVALID",
  },
  {
    method: "PUT",
    path: "/v2/empty/app/manifests/1.0",
    headers: { "content-type": OCI_MANIFEST },
    body: manifest,
    status: 400,
    code: "MANIFEST_BLOB_UNKNOWN",
  },
  {
    method: "PUT",
    path: "/v2/team/app/manifests/1.0",
    headers: { "content-type": OCI_INDEX },
    body: manifest,
    status: 400,
    code: "MANIFEST_INVALID",
  },
  {
    method: "PUT",
    path: "/v2/team/app/manifests/1.0",
    headers: { "content-type": OCI_MANIFEST },
    body: "{",
    status: 400,
    code: "MANIFEST_INVALID",
  },
  {
    method: "PUT",
    path: "/v2/team/app/manifests/1.0",
    headers: { "content-type": "text/plain" },
    body: manifest,
    status: 400,
    code: "MANIFEST_INVALID",
  },
  {
    method: "PUT",
    path: "/v2/team/app/manifests/1.0",
    headers: { "content-type": OCI_MANIFEST },
    body: Buffer.alloc(4 * 1024 * 1024 + 1),
    status: 413,
    code: "SIZE_INVALID",
  },
];

const DELETE: Row[] = [
  { method: "DELETE", path: "/v2/team/app/manifests/1.0", status: 202 },
  { method: "DELETE", path: `/v2/team/app/manifests/${image.digest}`, status: 202 },
  { method: "DELETE", path: "/v2/team/app/manifests/2.0", status: 404, code: "MANIFEST_UNKNOWN" },
  { method: "DELETE", path: `/v2/team/app/blobs/${digest}`, status: 202 },
  { method: "DELETE", path: `/v2/team/app/blobs/${absent}`, status: 404, code: "BLOB_UNKNOWN" },
];

const name = ({ method, path, headers, status }: Row) =>
  `${method} ${path.replaceAll(/([0-9a-f]{6})[0-9a-f]{50,}/g, "$1…")} ${headers ? JSON.stringify(headers) : ""} → ${status}`;

test.each([...PULL, ...PUSH, ...DELETE].map((row) => [name(row), row] as const))("%s", async (_, row) => {
  const answer = await send(row.method, row.path, {
    ...(row.headers && { headers: row.headers }),
    ...(row.body !== undefined && { body: row.body }),
  });
  expect(answer.status).toBe(row.status);
  if (row.code) expect(errorCode(answer)).toBe(row.code);
  if (row.text !== undefined) expect(answer.body.toString()).toBe(row.text);
  expect(answer.headers).toMatchObject(row.answer ?? {});
});

describe("uploads", () => {
  const begin = async () => (await send("POST", "/v2/up/load/blobs/uploads/")).headers.location ?? "";
  const finish = (location: string, of: Digest, body?: string) =>
    send("PUT", `${location}&digest=${of}`, body === undefined ? {} : { body });

  test("in one PUT", async () => {
    const answer = await finish(await begin(), digest, blob.toString());
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`/v2/up/load/blobs/${digest}`);
    expect(await registry.blob("up/load", digest)).toEqual(blob);
  });

  test("as one stream of unknown length", async () => {
    const patched = await send("PATCH", await begin(), {
      body: Readable.from([blob.subarray(0, 3), blob.subarray(3)]),
    });
    expect(patched.status).toBe(202);
    expect(patched.headers.range).toBe("0-9");
    expect((await finish(patched.headers.location ?? "", digest)).status).toBe(201);
    expect(await registry.blob("up/load", digest)).toEqual(blob);
  });

  test("in chunks, the last of them in the PUT", async () => {
    const first = await send("PATCH", await begin(), { headers: { "content-range": "0-3" }, body: "0123" });
    const state = await send("GET", first.headers.location ?? "");
    expect([state.status, state.headers.range]).toEqual([204, "0-3"]);
    const second = await send("PATCH", first.headers.location ?? "", {
      headers: { "content-range": "4-6" },
      body: "456",
    });
    expect((await finish(second.headers.location ?? "", digest, "789")).status).toBe(201);
    expect(await registry.blob("up/load", digest)).toEqual(blob);
  });

  test.each([
    ["a gap", "5-6"],
    ["a restart at byte 0", "0-1"],
  ])("%s is refused, and the upload goes on where it was", async (_, range) => {
    const first = await send("PATCH", await begin(), { headers: { "content-range": "0-3" }, body: "0123" });
    const location = first.headers.location ?? "";
    const refused = await send("PATCH", location, { headers: { "content-range": range }, body: "xx" });
    expect([refused.status, errorCode(refused), refused.headers.range]).toEqual([416, "RANGE_INVALID", "0-3"]);
    expect((await finish(location, digest, "456789")).status).toBe(201);
  });

  test("an old Location is refused", async () => {
    const location = await begin();
    await send("PATCH", location, { body: "0123" });
    expect((await send("PATCH", location, { body: "456789" })).status).toBe(416);
  });

  test("other bytes than the digest end the upload", async () => {
    const location = await begin();
    expect(errorCode(await finish(location, digest, "other"))).toBe("DIGEST_INVALID");
    expect(errorCode(await finish(location, digest, blob.toString()))).toBe("BLOB_UPLOAD_UNKNOWN");
    expect(registry.has("up/load", digest)).toBe(false);
  });

  test("a blob of no bytes, and one named by sha512", async () => {
    expect((await finish(await begin(), digestOf(""))).status).toBe(201);
    expect((await finish(await begin(), digestOf(blob, "sha512"), blob.toString())).status).toBe(201);
    expect(await registry.blob("up/load", digestOf(blob, "sha512"))).toEqual(blob);
  });

  test("a cancelled one is gone", async () => {
    const location = await begin();
    expect((await send("DELETE", location)).status).toBe(204);
    expect(errorCode(await send("GET", location))).toBe("BLOB_UPLOAD_UNKNOWN");
  });
});

describe("lists", () => {
  test("tags by pages", async () => {
    for (const tag of ["a", "b", "c"]) registry.putManifest("team/app", OCI_MANIFEST, manifest, tag);
    const list = async (query: string) => {
      const { headers, body } = await send("GET", `/v2/team/app/tags/list${query}`);
      return [(JSON.parse(body.toString()) as { tags: string[] }).tags, headers.link];
    };
    expect(await list("")).toEqual([["1.0", "a", "b", "c"], undefined]);
    expect(await list("?n=2")).toEqual([["1.0", "a"], '</v2/team/app/tags/list?n=2&last=a>; rel="next"']);
    expect(await list("?n=2&last=a")).toEqual([["b", "c"], undefined]);
    expect(await list("?n=0")).toEqual([[], undefined]);
    expect(errorCode(await send("GET", "/v2/un/known/tags/list"))).toBe("NAME_UNKNOWN");
  });

  test("repositories", async () => {
    registry.createRepository("a");
    expect(JSON.parse((await send("GET", "/v2/_catalog")).body.toString())).toEqual({
      repositories: ["a", "team/app"],
    });
  });

  test("referrers, by type", async () => {
    const refer = (artifactType: string) => makeArtifact({ artifactType, subject: image, annotations: { a: "b" } });
    const [sbom, other] = [refer("application/sbom"), refer("application/other")] as [SyntheticImage, SyntheticImage];
    await pushImage(registry, "team/app", sbom);
    const put = async ({ digest: name, manifests, blobs }: SyntheticImage) => {
      for (const b of blobs) await registry.putBlob("team/app", b.digest, b.read());
      const body = manifests[0]?.bytes ?? "";
      return send("PUT", `/v2/team/app/manifests/${name}`, { headers: { "content-type": OCI_MANIFEST }, body });
    };
    expect((await put(other)).headers["oci-subject"]).toBe(image.digest);
    const list = async (query: string) => {
      const { headers, body } = await send("GET", `/v2/team/app/referrers/${image.digest}${query}`);
      const { manifests } = JSON.parse(body.toString()) as { manifests: { digest: string; artifactType: string }[] };
      expect(headers["content-type"]).toBe(OCI_INDEX);
      return [manifests.map((m) => m.artifactType).sort(), headers["oci-filters-applied"]];
    };
    expect(await list("")).toEqual([["application/other", "application/sbom"], undefined]);
    expect(await list("?artifactType=application/sbom")).toEqual([["application/sbom"], "artifactType"]);
    const none = await send("GET", `/v2/team/app/referrers/${absent}`);
    expect((JSON.parse(none.body.toString()) as { manifests: unknown[] }).manifests).toEqual([]);
  });
});

test("a deleted blob stays in other repositories, and its bytes go with the last", async () => {
  await pushImage(registry, "team/copy:1.0", image);
  registry.deleteBlob("team/app", digest);
  expect(await registry.defects("team/app", "1.0")).toEqual([`blob ${digest} is missing`]);
  expect(await registry.isComplete("team/copy", "1.0")).toBe(true);
  registry.deleteBlob("team/copy", digest);
  expect(registry.has("team/copy", digest)).toBe(false);
});

test("an index is complete only with its children", async () => {
  const index = makeImage({ platforms: ["linux/amd64", "linux/arm64"] });
  await pushImage(registry, "multi:1", index);
  expect(await registry.isComplete("multi", index.digest)).toBe(true);
  const child = index.manifests[0]?.digest as Digest;
  registry.deleteManifest("multi", child);
  expect(await registry.defects("multi", "1")).toEqual([`manifest ${child} is missing`]);
});

test("requests are recorded with header names and hashes, and without credentials", async () => {
  await send("GET", "/v2/", { headers: { authorization: "Basic secret", range: "bytes=0-1" } });
  const record = registry.requests.all[0];
  expect(record).toMatchObject({ service: "registry", method: "GET", path: "/v2/", status: 200, host: registry.host });
  expect(record?.headerNames).toEqual(expect.arrayContaining(["authorization", "range", "host"]));
  expect(JSON.stringify(registry.requests.all)).not.toContain("secret");
  await send("PUT", "/v2/team/app/manifests/x", { headers: { "content-type": OCI_MANIFEST }, body: manifest });
  expect(registry.requests.find({ method: "PUT" })[0]).toMatchObject({ received: manifest.length, status: 201 });
  expect(registry.requests.count({ path: /^\/v2\/$/, status: 200 })).toBe(1);
});
