import { makeImage, pushImage } from "../../support/images";
import type { FaultAction, FaultMatch } from "../../support/registry";
import { expectComplete, multiPlatform, writes } from "../copy/copies";
import { ScriptedRegistry } from "../../support/registry/scriptedRegistry";
import { parseReference } from "../../../src/image/reference";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { Registries } from "../../../src/oci/registries";
import { at, failure, FastClock, Fixture, reach } from "../fixture";

const fixture = new Fixture();
const headers = (given: Record<string, string | undefined>): FaultAction => ({ kind: "headers", headers: given });
const UPLOADS = /\/blobs\/uploads\//;
const image = makeImage({
  layers: [
    { size: 900_000, seed: "large" },
    { size: 900, seed: "small" },
  ],
});

describe("an answer to an upload without the place of what follows", () => {
  const none = { location: undefined };
  it.each<[string, FaultMatch, FaultAction]>([
    ["to PATCH, none", { method: "PATCH" }, headers(none)],
    ["to PATCH, an empty one", { method: "PATCH" }, headers({ location: "" })],
    ["to PATCH, and no name either", { method: "PATCH" }, headers({ ...none, "docker-upload-uuid": undefined })],
    ["to POST, but a name", { method: "POST" }, headers(none)],
    [
      "to mounts and single POSTs, no name either",
      { method: "POST", path: /digest=|mount=/ },
      headers({ ...none, "docker-upload-uuid": undefined }),
    ],
  ])("goes on all the same: %s", async (_, match, action) => {
    // Each Location differs from the one before where a state stands in it, which such registries do not have.
    const [source, target] = await fixture.pair({ behaviour: { singlePost: false, uploadStates: false } });
    await pushImage(source, "a:1", image);
    target.faults.add({ match: { path: UPLOADS, ...match, times: Infinity }, action });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
  });

  it("is named where nothing tells it", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    const action = headers({ location: undefined, "docker-upload-uuid": "../../evil" });
    target.faults.add({ match: { method: "POST", path: UPLOADS, times: Infinity }, action });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(error).toMatchObject({ code: "LOCATION_REFUSED" });
    expect(error.message).toMatch(/Location header is missing/);
  });
});

describe("a registry that names an image of an index in place of the index", () => {
  it.each<[string, readonly string[], "source" | "target"]>([
    ["to HEAD", ["HEAD"], "source"],
    ["to HEAD and GET", ["HEAD", "GET"], "source"],
    ["to HEAD", ["HEAD"], "target"],
    ["to HEAD, GET and PUT", ["HEAD", "GET", "PUT"], "target"],
  ])("%s is not believed, at the %s", async (_, methods, side) => {
    const index = multiPlatform();
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", index);
    const child = index.manifests.find(({ digest }) => digest !== index.digest);
    const match = { method: methods, path: /\/manifests\/1$/, times: Infinity };
    (side === "source" ? source : target).faults.add({
      match,
      action: headers({ "docker-content-digest": child?.digest, "content-type": child?.mediaType }),
    });
    const client = fixture.client([source, target]);
    expect(await client.copy(at(source, "a:1"), at(target, "b:1"))).toMatchObject({ digest: index.digest });
    await expectComplete(target, "b", "1", index);
    const written = writes(target).length;
    await client.copy(at(source, "a:1"), at(target, "b:1"));
    // One more PUT of the tag at most, where it is the target that does not tell what it has.
    expect(writes(target).length - written).toBeLessThanOrEqual(side === "source" ? 0 : 1);
  });
});

describe("a list of tags that is none", () => {
  it.each([
    ["a page", "<html><title>Sign in</title></html>", /the web page "Sign in"/],
    ["a text", "busy", /busy/],
    ["an error", '{"errors":[{"code":"DENIED","message":"no"}]}', /DENIED no/],
  ])("is no list without tags: %s", async (_, body, words) => {
    const server = await fixture.registry();
    server.faults.add({ match: { times: Infinity }, action: { kind: "answer", status: 200, body } });
    const error = await failure(fixture.client([server]).listTags(at(server, "a")));
    expect(error.code).toBe("REGISTRY_FAILED");
    expect(error.message).toMatch(words);
  });

  it.each(["{}", '{"name":"a","tags":null}', '{"tags":[]}'])("but %s is one", async (body) => {
    const server = await fixture.registry();
    server.faults.add({ match: { times: Infinity }, action: { kind: "answer", status: 200, body } });
    expect(await fixture.client([server]).listTags(at(server, "a"))).toEqual([]);
  });
});

describe("a page for browsers in place of what was asked for", () => {
  const page: FaultAction = {
    kind: "answer",
    status: 200,
    headers: { "content-type": "text/html" },
    body: "<!doctype html><title>Sign in to ACME</title>",
  };

  it.each<[string, "source" | "target", FaultMatch]>([
    ["everything", "source", {}],
    ["everything", "target", {}],
    ["a commit", "target", { method: "PUT", path: UPLOADS }],
    ["manifests", "source", { method: "GET", path: /\/manifests\// }],
  ])("is told with its title: %s at the %s", async (_, side, match) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    const server = side === "source" ? source : target;
    server.faults.add({ match: { ...match, times: Infinity }, action: page });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(error).toMatchObject({ name: "WebPageError", code: "REGISTRY_FAILED", registry: server.host });
    expect(error.message).toMatch(/the web page "Sign in to ACME"\. Open the registry's address in a browser/);
    expect(target.tags("b")).toEqual([]);
  });

  it("does not pass for a blob that is there", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    target.faults.add({ match: { method: "HEAD", path: /\/blobs\//, times: Infinity }, action: page });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
  });
});

describe("what is called stored and is another blob", () => {
  const other = headers({ "docker-content-digest": `sha256:${"0".repeat(64)}` });

  it("is mounted by an upload", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    await pushImage(source, "b:1", image);
    const client = fixture.client([source, target]);
    const action: FaultAction = {
      kind: "answer",
      status: 201,
      headers: { "docker-content-digest": "sha256:" + "0".repeat(64) },
    };
    target.faults.add({ match: { method: "POST", path: /mount=/, times: Infinity }, action });
    for (const name of ["a:1", "b:1"]) await client.copy(at(source, name), at(target, name));
    await expectComplete(target, "b", "1", image);
  });

  it("is looked for before it is uploaded again", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    target.faults.add({ match: { method: "PUT", path: UPLOADS, times: Infinity }, action: other });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
    expect(target.requests.count({ method: "PATCH" })).toBe(1);
  });

  it("and is not there is no copy", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    const action: FaultAction = {
      kind: "answer",
      status: 201,
      headers: { "docker-content-digest": "sha256:" + "0".repeat(64) },
    };
    target.faults.add({ match: { method: "PUT", path: UPLOADS, times: Infinity }, action });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(error).toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(error.message).toMatch(/was stored/);
  });

  it("of another length is uploaded", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    const match = { path: /\/blobs\/sha/, times: Infinity };
    target.faults.add({
      match: { ...match, method: "HEAD" },
      action: { kind: "answer", status: 200, headers: { "content-length": "0" } },
    });
    const range = { "content-range": "bytes 0-0/1" };
    target.faults.add({
      match: { ...match, method: "GET" },
      action: { kind: "answer", status: 206, headers: range, body: "x" },
    });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    target.faults.clear();
    await expectComplete(target, "b", "1", image);
  });
});

it("203, of a proxy that changed something on the way, is as good as 200", async () => {
  const server = await new ScriptedRegistry((_, response) => {
    const head = response.writeHead.bind(response) as (status: number, headers?: object) => typeof response;
    response.writeHead = ((status: number, headers?: object) =>
      head(status === 200 ? 203 : status, headers)) as typeof response.writeHead;
    return "ignored";
  }).listen();
  const [target] = await fixture.pair();
  const bytes = { config: Buffer.from('{"os":"linux","architecture":"amd64"}'), layer: Buffer.alloc(900_000, "x") };
  const config = server.hold(bytes.config, MediaType.OCI_CONFIG);
  const layers = [server.hold(bytes.layer, "application/vnd.oci.image.layer.v1.tar")];
  const mediaType = MediaType.OCI_MANIFEST;
  const { digest } = server.hold({ schemaVersion: 2, mediaType, config, layers }, mediaType, "1");
  const access = [{ host: server.host, plainHttp: true }, reach(target)];
  const registries = new Registries({ access, clock: new FastClock() });
  try {
    const result = await registries.copy(parseReference(`${server.host}/a:1`), at(target, "b:1"));
    expect(result).toMatchObject({ digest });
    expect(await target.defects("b", "1")).toEqual([]);
  } finally {
    registries.close();
    await server.close();
  }
});
