import { makeImage, pushImage, type SyntheticImage } from "../../support/images";
import type { FaultAction, FaultMatch } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";

const fixture = new Fixture();
const BLOBS = { method: "GET", path: /\/blobs\/sha/ } as const;
const large = (size: number) => makeImage({ layers: [{ size, seed: "large" }] });
const layerOf = (image: SyntheticImage): RegExp =>
  new RegExp(String(image.blobs.find(({ size }) => size === 900_000)?.digest));
const answer = (status: number, body = ""): FaultAction => ({ kind: "answer", status, body });

it("a source that cuts every connection is read to the end as long as each one brings something", async () => {
  const [source, target] = await fixture.pair();
  const image = large(3_000_000);
  await pushImage(source, "a:1", image);
  source.faults.add({ match: { ...BLOBS, times: Infinity }, action: { kind: "cut", after: 150_000 } });
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  expect(await target.defects("b", "1")).toEqual([]);
  expect(source.faults.met).toBeGreaterThanOrEqual(20);
  expect(target.requests.count({ method: "PATCH" })).toBe(1);
});

it("a blob that is shorter at its source than its manifest says is an error about the blob", async () => {
  const [source, target] = await fixture.pair();
  const image = large(900_000);
  await pushImage(source, "a:1", image);
  const layer = { method: "GET", path: layerOf(image) };
  for (const nth of [1, 3, 5]) {
    source.faults.add({ match: { ...layer, nth }, action: { kind: "truncate", after: 400_000, contentLength: true } });
    source.faults.add({ match: { ...layer, nth: nth + 1 }, action: answer(416) });
  }
  const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
  expect(error.code).toBe("DIGEST_MISMATCH");
  expect(error.message).toMatch(/ends before its 900000 bytes/);
});

it("and so is one that is given from its beginning, again and again, whatever is asked for", async () => {
  const [source, target] = await fixture.pair();
  const image = large(900_000);
  await pushImage(source, "a:1", image);
  source.faults.add({ match: { ...BLOBS, path: layerOf(image), times: Infinity }, action: answer(200, "short") });
  const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
  expect(error).toMatchObject({ code: "DIGEST_MISMATCH" });
  expect(source.faults.met).toBeLessThanOrEqual(6);
});

it.each([900_000, 900])("a page for browsers in place of a blob of %d bytes is told as one, at once", async (size) => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", large(size));
  const headers = { "content-type": "text/html; charset=utf-8" };
  source.faults.add({
    match: { ...BLOBS, times: Infinity },
    action: { kind: "answer", status: 200, headers, body: "<!doctype html><title>Sign in</title>" },
  });
  const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
  expect(error).toMatchObject({ code: "REGISTRY_FAILED" });
  expect(error.message).toMatch(/web page.*in a browser/);
  expect(source.faults.met).toBeLessThanOrEqual(2);
});

it.each([400, 405, 416, 501])(
  "what a source answers to a resume (%s) is not taken for the target's word on the way of uploads",
  async (status) => {
    const [source, target] = await fixture.pair();
    for (const name of ["bad", "good"])
      await pushImage(source, `${name}:1`, makeImage({ layers: [{ size: 900_000, seed: name }] }));
    const bad = { ...BLOBS, path: /\/bad\/blobs/ };
    source.faults.add({ match: bad, action: { kind: "cut", after: 300_000 } });
    source.faults.add({ match: { ...bad, nth: 2, times: Infinity }, action: answer(status) });
    const client = fixture.client([source, target]);
    await failure(client.copy(at(source, "bad:1"), at(target, "bad:1")));
    target.requests.clear();
    await client.copy(at(source, "good:1"), at(target, "good:1"));
    expect(await target.defects("good", "1")).toEqual([]);
    expect(target.requests.count({ method: "PATCH" })).toBe(1);
  },
);

it("a busy registry with a long page about it is asked again", async () => {
  const [source, target] = await fixture.pair();
  const image = large(900_000);
  await pushImage(source, "a:1", image);
  const page = `<html>${"busy ".repeat(40_000)}</html>`;
  for (const server of [source, target])
    for (const method of ["HEAD", "GET", "POST", "PATCH", "PUT"])
      server.faults.add({ match: { method }, action: answer(503, page) });
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  expect(await target.defects("b", "1")).toEqual([]);
});

describe("a redirect to storage", () => {
  const STORAGE: FaultMatch = { path: /^\/storage\// };

  it.each<[string, FaultAction]>([
    ["whose signature has expired (S3, Azure)", answer(403, "<Error><Code>AccessDenied</Code></Error>")],
    ["whose signature has expired (Google)", answer(400, "<Error><Code>ExpiredToken</Code></Error>")],
    ["that wants another login", answer(401)],
    ["that is busy", answer(503, "<Error><Code>SlowDown</Code></Error>")],
    ["that cuts", { kind: "cut", after: 200_000 }],
    ["that closes", { kind: "close" }],
    ["that stalls", { kind: "stall", after: 200_000 }],
    ["that flips a byte", { kind: "flip", at: 200_000 }],
  ])("%s is asked of the registry anew", async (_, action) => {
    const [source, target] = await fixture.pair({}, { objectStorage: true });
    await pushImage(source, "a:1", large(900_000));
    source.faults.add({ match: { ...STORAGE, times: 2 }, action });
    const client = fixture.client([source, target], { stallTimeoutMs: 200 });
    await client.copy(at(source, "a:1"), at(target, "b:1"));
    expect(source.faults.met).toBe(2);
    expect(await target.defects("b", "1")).toEqual([]);
    expect(source.requests.find({ service: "storage" }).every(({ authorization }) => authorization === undefined)).toBe(
      true,
    );
  });

  it("that goes in circles, or to a host that is not there, is an error with the registry's name", async () => {
    for (const to of ["http://127.0.0.1:9/gone", "/v2/a/blobs/sha256:" + "0".repeat(64)]) {
      const [source, target] = await fixture.pair();
      await pushImage(source, "a:1", large(900_000));
      source.faults.add({
        match: { method: "GET", path: /\/blobs\//, times: Infinity },
        action: { kind: "redirect", to },
      });
      const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
      expect(["REGISTRY_UNREACHABLE", "LOCATION_REFUSED"]).toContain(error.code);
      expect(error.message).toContain(source.host);
      expect(target.tags("b")).toEqual([]);
    }
  });
});
