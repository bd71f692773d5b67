import { Readable } from "node:stream";
import { digestOf } from "../../../src/image/digest";
import { makeArtifact, makeChartArtifact, makeImage, pushImage, type SyntheticImage } from "../images";
import { type BehaviourOption, type TestRegistry } from ".";
import { resolveBehaviour } from "./behaviour";
import { basic, errorCode, rawRequest, type RawAnswer, type RawOptions } from "./transport/rawRequest";
import { registriesOfTest } from "./registriesOfTest";

const image = makeImage();
const config = image.blobs[0];
const MIB = 1024 * 1024;

const startRegistry = registriesOfTest();
let registry: TestRegistry;
async function start(behaviour: BehaviourOption): Promise<void> {
  registry = await startRegistry({ behaviour });
  await pushImage(registry, "team/app:1.0", image);
}

const send = (method: string, path: string, options?: RawOptions) => rawRequest(registry, method, path, options);
const upload = async () => (await send("POST", "/v2/team/app/blobs/uploads/")).headers.location ?? "";
const finish = (location: string, content: string, body?: string) =>
  send("PUT", `${location}&digest=${digestOf(content)}`, body === undefined ? {} : { body });
const put = ({ manifests, mediaType }: SyntheticImage, tag: string, repository = "team/app") =>
  send("PUT", `/v2/${repository}/manifests/${tag}`, {
    headers: { "content-type": mediaType },
    body: manifests.at(-1)?.bytes ?? "",
  });
const result = (answer: RawAnswer) => [answer.status, errorCode(answer)];

test("a preset with departures of one's own", () => {
  expect(resolveBehaviour({ preset: "ecr", immutableTags: false })).toEqual({
    ...resolveBehaviour("ecr"),
    immutableTags: false,
  });
  expect(resolveBehaviour()).toEqual(resolveBehaviour("specification"));
});

describe("ecr", () => {
  beforeEach(() => start("ecr"));

  test.each([
    ["POST", "/v2/un/known/blobs/uploads/"],
    ["PUT", "/v2/un/known/manifests/1"],
    ["GET", "/v2/un/known/manifests/1"],
    ["HEAD", `/v2/un/known/blobs/${image.digest}`],
    ["GET", "/v2/un/known/tags/list"],
  ])("%s %s: a repository must exist", async (method, path) => {
    const answer = await send(method, path);
    expect(answer.status).toBe(404);
    if (method !== "HEAD") expect(errorCode(answer)).toBe("NAME_UNKNOWN");
    registry.createRepository("un/known");
    const after = await send(method, path);
    expect(errorCode(after)).not.toBe("NAME_UNKNOWN");
  });

  test("a tag cannot be moved, nor put again", async () => {
    const again = await put(image, "1.0");
    expect(result(again)).toEqual([400, "TAG_INVALID"]);
    expect(again.body.toString()).toContain("cannot be overwritten because the tag is immutable");
    expect((await put(image, "2.0")).status).toBe(201);
    expect((await put(image, image.digest)).status).toBe(201);
  });

  test("a mount answers with an upload at a whole URL", async () => {
    const answer = await send("POST", `/v2/team/app/blobs/uploads/?mount=${config?.digest}&from=team/app`);
    expect([answer.status, answer.headers.location]).toEqual([202, expect.stringContaining(`${registry.url}/v2/`)]);
  });

  test("where mounting is on, blobs of a stored manifest are mounted", async () => {
    registry = await startRegistry({ behaviour: { preset: "ecr", mount: "mounted" } });
    await pushImage(registry, "team/app:1.0", image);
    registry.createRepository("team/new");
    const mount = async (digest = "") =>
      (await send("POST", `/v2/team/new/blobs/uploads/?mount=${digest}&from=team/app`)).status;
    const loose = Buffer.from("of no manifest yet");
    await registry.putBlob("team/app", digestOf(loose), loose);
    expect([await mount(config?.digest), await mount(digestOf(loose))]).toEqual([201, 202]);
  });

  test("an upload without bytes is refused", async () => {
    expect(result(await finish(await upload(), ""))).toEqual([400, "BLOB_UPLOAD_INVALID"]);
  });

  test("a second PATCH must say where it starts, and follow a chunk of at least 5 MiB", async () => {
    const first = (await send("PATCH", await upload(), { body: Buffer.alloc(5 * MIB) })).headers.location ?? "";
    expect((await send("PATCH", first, { body: "again" })).status).toBe(416);
    const range = { "content-range": `${5 * MIB}-${5 * MIB + 3}` };
    const second = (await send("PATCH", first, { headers: range, body: "last" })).headers.location ?? "";
    expect(result(await finish(second, "", "more"))).toEqual([400, "BLOB_UPLOAD_INVALID"]);
    const short = (await send("PATCH", await upload(), { body: "short" })).headers.location ?? "";
    expect((await finish(short, "short")).status).toBe(201);
  });

  test("a wrong token is 403, none is 401", async () => {
    registry = await startRegistry({ behaviour: "ecr", auth: { scheme: "basic", users: { AWS: "token" } } });
    expect((await send("GET", "/v2/")).status).toBe(401);
    expect((await send("GET", "/v2/", { headers: { authorization: basic("AWS", "old") } })).status).toBe(403);
    expect((await send("GET", "/v2/", { headers: { authorization: basic("AWS", "token") } })).status).toBe(200);
  });
});

test("ecr without referrers refuses a subject", async () => {
  await start({ preset: "ecr", subjects: false });
  expect(result(await put(makeArtifact({ artifactType: "application/sbom", subject: image }), "r"))).toEqual([
    405,
    "UNSUPPORTED",
  ]);
});

test("acr: a chunk needs its length, and a PUT takes 20 MiB at most", async () => {
  await start("acr");
  expect(result(await send("PATCH", await upload(), { body: Readable.from(["abc"]) }))).toEqual([
    400,
    "BLOB_UPLOAD_INVALID",
  ]);
  const patched = await send("PATCH", await upload(), { body: "abc" });
  expect((await finish(patched.headers.location ?? "", "abc")).status).toBe(201);
  const large = "x".repeat(20 * MIB + 1);
  expect(result(await finish(await upload(), large, large))).toEqual([413, "SIZE_INVALID"]);
});

test("artifactRegistry: no PATCH, one PUT", async () => {
  await start("artifactRegistry");
  expect(result(await send("PATCH", await upload(), { body: "abc" }))).toEqual([405, "UNSUPPORTED"]);
  expect((await finish(await upload(), "abc", "abc")).status).toBe(201);
});

test("artifactRegistry: the whole JSON key is the password", async () => {
  const key = JSON.stringify({ type: "service_account", private_key: "x".repeat(2000) });
  registry = await startRegistry({
    behaviour: "artifactRegistry",
    auth: { scheme: "bearer", users: { _json_key: key } },
  });
  const token = (password: string) =>
    send("GET", "/token", { headers: { authorization: basic("_json_key", password) } });
  expect((await token(key)).status).toBe(200);
  expect((await token(`${key.slice(0, 72)}…`)).status).toBe(401);
});

test("quay: unknown config types are refused, charts and empty configs are not", async () => {
  await start({ preset: "quay", strict: false });
  const chart = makeChartArtifact(Buffer.from("chart"), { name: "c", version: "1.0.0" });
  expect((await put(chart, "chart")).status).toBe(201);
  expect((await put(makeArtifact({ artifactType: "a/b" }), "artifact")).status).toBe(201);
  const odd = Buffer.from(chart.manifests[0]?.bytes.toString().replace("vnd.cncf.helm.config", "vnd.odd") ?? "");
  const headers = { "content-type": chart.mediaType };
  expect(result(await send("PUT", "/v2/team/app/manifests/odd", { headers, body: odd }))).toEqual([
    400,
    "MANIFEST_INVALID",
  ]);
});

test("distribution: no referrers API, no deletes", async () => {
  await start("distribution");
  expect((await send("GET", `/v2/team/app/referrers/${image.digest}`)).status).toBe(404);
  const referrer = makeArtifact({ artifactType: "a/b", subject: image });
  for (const blob of referrer.blobs) await registry.putBlob("team/app", blob.digest, blob.read());
  const pushed = await put(referrer, "referrer");
  expect([pushed.status, pushed.headers["oci-subject"]]).toEqual([201, undefined]);
  expect((await send("DELETE", "/v2/team/app/manifests/1.0")).status).toBe(405);
  expect((await send("DELETE", `/v2/team/app/blobs/${config?.digest}`)).status).toBe(405);
});

test("harbor: an index whose children are missing is refused; a lax registry takes it", async () => {
  const index = makeImage({ platforms: ["linux/amd64", "linux/arm64"] });
  await start("harbor");
  expect(result(await put(index, "i"))).toEqual([400, "MANIFEST_BLOB_UNKNOWN"]);
  await start({ strict: false });
  expect((await put(index, "i")).status).toBe(201);
  expect(await registry.isComplete("team/app", "i")).toBe(false);
});

test("mounts refused, and PATCHes that overwrite each other", async () => {
  await start({ mount: "refused", chunks: "overwritten" });
  expect((await send("POST", "/v2/a/b/blobs/uploads/?mount=x&from=y")).status).toBe(405);
  const first = await send("PATCH", await upload(), { body: "abc" });
  const second = await send("PATCH", first.headers.location ?? "", { body: "def" });
  expect(errorCode(await finish(second.headers.location ?? "", "abcdef"))).toBe("DIGEST_INVALID");
});
