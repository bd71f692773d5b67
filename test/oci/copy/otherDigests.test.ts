import { digestOf } from "../../../src/image/digest";
import { makeImage, pushImage } from "../../support/images";
import type { TestRegistry } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";
import { expectComplete, writes } from "./copies";

const fixture = new Fixture();
const image = makeImage();
const { bytes, mediaType } = image.manifests.at(-1) as (typeof image.manifests)[number];
const digest = digestOf(bytes, "sha512");
const BY_IT = /\/manifests\/sha512:/;

/** A source that has the image under that digest, too, and a target. */
async function pair(): Promise<[TestRegistry, TestRegistry]> {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const headers = { "content-type": mediaType, "docker-content-digest": digest };
  const action = { kind: "answer", status: 200, headers, body: bytes.toString("utf8") } as const;
  source.faults.add({ match: { path: BY_IT, times: Infinity }, action });
  return [source, target];
}

/** A registry that files whatever it takes by SHA-256. */
function fileBySha256(target: TestRegistry, status: number) {
  const body = '{"errors":[{"code":"DIGEST_INVALID","message":"no such algorithm"}]}';
  const refusal = { kind: "answer", status, body } as const;
  target.faults.add({ match: { method: "PUT", path: BY_IT, times: Infinity }, action: refusal });
  target.faults.add({
    match: { path: BY_IT, times: Infinity },
    action: { ...refusal, status: status === 400 ? 400 : 404 },
  });
}

describe("an image that is named by a digest of SHA-512", () => {
  it.each(["m:1", `m:1@${digest}`, `m@${digest}`])("is there under it, and copied once: %s", async (name) => {
    const [source, target] = await pair();
    const client = fixture.client([source, target]);
    expect(await client.copy(at(source, `a@${digest}`), at(target, name))).toMatchObject({ digest, warnings: [] });
    expect(target.manifest("m", digest)?.bytes).toEqual(bytes);
    if (name.includes(":1")) await expectComplete(target, "m", "1", image);
    const written = writes(target).length;
    const again = fixture.client([source, target]);
    expect(await again.preview(at(source, `a@${digest}`), at(target, name))).toMatchObject({ isPresent: true });
    expect(await again.copy(at(source, `a@${digest}`), at(target, name))).toMatchObject({ digest, unchanged: true });
    expect(writes(target).length).toBe(written);
  });

  it.each([400, 405, 422])("is not told to be where it is not: pinned, refused with %s", async (status) => {
    for (const name of [`m:1@${digest}`, `m@${digest}`]) {
      const [source, target] = await pair();
      fileBySha256(target, status);
      const error = await failure(fixture.client([source, target]).copy(at(source, `a@${digest}`), at(target, name)));
      expect(error.code).toBe("DIGEST_ALGORITHM_REFUSED");
      expect(error.message).toMatch(
        /m@sha512:.* under that digest: DIGEST_INVALID no such algorithm\. Name the image by/,
      );
    }
  });

  it("is not told to be where a registry says that it took it, and has it under another digest", async () => {
    const [source, target] = await pair();
    const headers = { "docker-content-digest": image.digest };
    target.faults.add({
      match: { method: "PUT", path: BY_IT, times: Infinity },
      action: { kind: "answer", status: 201, headers },
    });
    const error = await failure(
      fixture.client([source, target]).copy(at(source, `a@${digest}`), at(target, `m@${digest}`)),
    );
    expect(error.code).toBe("DIGEST_ALGORITHM_REFUSED");
    expect(error.message).toContain(`it knows it as ${image.digest}`);
  });

  it("has the target's own digest where nothing else is asked for, with a warning; the next copy writes nothing", async () => {
    const [source, target] = await pair();
    fileBySha256(target, 400);
    const client = fixture.client([source, target]);
    const result = await client.copy(at(source, `a@${digest}`), at(target, "m:1"));
    expect(result.digest).toBe(image.digest);
    expect(result.warnings).toEqual([expect.stringContaining(`keeps it as ${image.digest}`)]);
    const written = writes(target).length;
    expect(await client.copy(at(source, `a@${digest}`), at(target, "m:1"))).toMatchObject({ unchanged: true });
    expect(writes(target).length).toBe(written);
  });
});

it("a blob that is filed under another digest is not told to be there", async () => {
  const [source, target] = await fixture.pair();
  const layer = Buffer.from("layer");
  const name = digestOf(layer, "sha512");
  const empty = Buffer.from("{}");
  const config = { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf(empty), size: empty.length };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactType: "application/x",
    config,
    layers: [{ mediaType: "text/plain", digest: name, size: layer.length }],
  };
  await source.putBlob("a", config.digest, empty);
  await source.putBlob("a", name, layer);
  source.putManifest("a", manifest.mediaType, Buffer.from(JSON.stringify(manifest)), "1");
  target.faults.add({
    match: { method: ["PUT", "POST"], path: /digest=sha512/, times: Infinity },
    action: { kind: "answer", status: 201, headers: { "docker-content-digest": digestOf(layer) } },
  });
  const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "m:1")));
  expect(error.code).toBe("DIGEST_ALGORITHM_REFUSED");
  expect(error.message).toContain(name);
  expect(target.tags("m")).toEqual([]);
});
