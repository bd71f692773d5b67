import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { digestOf } from "../../../../src/image/digest";
import { makeImage, pushImage, seededBlob } from "../../images";
import { type RegistryOptions } from "..";
import { rawRequest } from "../transport/rawRequest";
import { registriesOfTest } from "../registriesOfTest";

const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 300_000, seed: 1 }] });
const startRegistry = registriesOfTest();
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "registry-storage-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder keeps everything across restarts, deletions too", async () => {
  const options: RegistryOptions = { storage: { folder } };
  const first = await startRegistry(options);
  await pushImage(first, "team/app:1.0", image);
  await pushImage(first, "team/app:gone", image);
  await pushImage(first, "team/other:1.0", makeImage());
  first.createRepository("empty");
  await pushImage(first, "deleted/app:1.0", image);
  first.deleteRepository("deleted/app");
  first.deleteTag("team/app", "gone");
  first.deleteManifest("team/other", makeImage().digest);
  await first.close();
  // What a process that was killed amid a write leaves behind.
  appendFileSync(join(folder, "journal.jsonl"), '{"op":"tag","repository":"team/app","tag":"torn"');

  const second = await startRegistry(options);
  expect(second.repositories()).toEqual(["empty", "team/app", "team/other"]);
  expect([second.tags("team/app"), second.tags("team/other")]).toEqual([["1.0"], []]);
  expect(await second.defects("team/app", "1.0")).toEqual([]);
  second.createRepository("after/torn");
  await second.close();

  const third = await startRegistry(options);
  expect(third.repositories()).toContain("after/torn");
});

test.each<RegistryOptions["storage"][]>([["memory"], [{ folder: "" }]])("uploads and ranges in %j", async (storage) => {
  const registry = await startRegistry({ storage: storage === "memory" ? storage : { folder } });
  const blob = seededBlob(3_000_000, "upload");
  const { headers } = await rawRequest(registry, "POST", "/v2/a/blobs/uploads/");
  const patched = await rawRequest(registry, "PATCH", headers.location ?? "", { body: blob.read() });
  const put = await rawRequest(registry, "PUT", `${patched.headers.location}&digest=${blob.digest}`);
  expect(put.status).toBe(201);
  const whole = await registry.blob("a", blob.digest);
  const part = await rawRequest(registry, "GET", `/v2/a/blobs/${blob.digest}`, {
    headers: { range: "bytes=1048570-2097160" },
  });
  expect(part.body.equals(whole?.subarray(1_048_570, 2_097_161) ?? Buffer.alloc(0))).toBe(true);
  await expect(registry.putBlob("a", digestOf("right"), Buffer.from("wrong"))).rejects.toThrow("another digest");
});

test("what is not finished leaves no files", async () => {
  const registry = await startRegistry({ storage: { folder } });
  const { headers } = await rawRequest(registry, "POST", "/v2/a/blobs/uploads/");
  await rawRequest(registry, "PATCH", headers.location ?? "", { body: Readable.from([Buffer.alloc(100_000)]) });
  expect(readdirSync(join(folder, "uploads"))).toHaveLength(1);
  await registry.close();
  expect(readdirSync(join(folder, "uploads"))).toEqual([]);
});

test("an upload that breaks keeps what came, and can go on from there", async () => {
  const registry = await startRegistry({ storage: { folder } });
  const { headers } = await rawRequest(registry, "POST", "/v2/a/blobs/uploads/");
  const location = headers.location ?? "";
  const client = http.request(new URL(location, registry.url), { method: "PATCH" }).on("error", () => undefined);
  client.write(Buffer.alloc(200_000, 1));
  while ((registry.requests.find({ method: "PATCH" })[0]?.received ?? 0) < 200_000)
    await new Promise((resolve) => setTimeout(resolve, 1));
  client.destroy();
  const state = await rawRequest(registry, "GET", location);
  expect(state.headers.range).toBe("0-199999");
  const rest = Buffer.alloc(5, 2);
  const digest = digestOf(Buffer.concat([Buffer.alloc(200_000, 1), rest]));
  const put = await rawRequest(registry, "PUT", `${state.headers.location}&digest=${digest}`, { body: rest });
  expect(put.status).toBe(201);
});

test("blobs are redirected to a storage host that refuses a second login", async () => {
  const registry = await startRegistry({ objectStorage: true });
  await pushImage(registry, "team/app:1.0", image);
  const blob = image.blobs[0];
  const path = `/v2/team/app/blobs/${blob?.digest}`;
  expect((await rawRequest(registry, "HEAD", path)).status).toBe(200);
  const { status, headers } = await rawRequest(registry, "GET", path);
  const location = headers.location ?? "";
  expect([status, new URL(location).host]).toEqual([307, registry.storageHost]);
  const url = new URL(location).origin;
  const signed = location.slice(url.length);
  const range = await rawRequest({ url }, "GET", signed, { headers: { range: "bytes=0-3" } });
  expect([range.status, range.body.length]).toEqual([206, 4]);
  const login = await rawRequest({ url }, "GET", signed, { headers: { authorization: "Bearer x" } });
  expect([login.status, login.body.toString()]).toEqual([400, expect.stringContaining("Only one auth mechanism")]);
  expect((await rawRequest({ url }, "GET", `${signed}0`)).status).toBe(403);
  expect(registry.requests.find({ service: "storage" }).map((r) => r.headerNames.includes("authorization"))).toEqual([
    false,
    true,
    false,
  ]);
});
