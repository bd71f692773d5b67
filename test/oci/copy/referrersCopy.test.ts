import { digestOf } from "../../../src/image/digest";
import { referrersTag } from "../../../src/oci/registry/client";
import { listAsReferrers } from "../../../src/oci/copy/referrersIndex";
import { listReferrers } from "../../../src/oci/registry/listings";
import {
  makeArtifact,
  makeImage,
  makeReferrersIndex,
  makeSignature,
  pushImage,
  tagFor,
  type SyntheticImage,
} from "../../support/images";
import type { BehaviourOption, TestRegistry } from "../../support/registry";
import { at, Fixture } from "../fixture";

const fixture = new Fixture();
const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"] });
const SBOM = "application/spdx+json";
const sbom = makeArtifact({ artifactType: SBOM, subject: image });
const sbomSignature = makeArtifact({ artifactType: "application/vnd.example.signature", subject: sbom });
const NO_API: BehaviourOption = { referrers: false };

/** A source with an image, its SBOM, a signature of the SBOM, and a signature as cosign pushes it. */
async function signedPair(source: BehaviourOption, target: BehaviourOption): Promise<[TestRegistry, TestRegistry]> {
  const servers = await fixture.pair({ behaviour: target }, { behaviour: source });
  const [server] = servers;
  await pushImage(server, "a:1", image);
  await pushImage(server, "a", sbom);
  await pushImage(server, "a", sbomSignature);
  await pushImage(server, `a:${tagFor(image, ".sig")}`, makeSignature(image, "a:1"));
  if (source === NO_API) {
    await pushImage(server, `a:${tagFor(image)}`, makeReferrersIndex([{ image: sbom, artifactType: SBOM }]));
    const listed = makeReferrersIndex([{ image: sbomSignature, artifactType: "application/vnd.example.signature" }]);
    await pushImage(server, `a:${tagFor(sbom)}`, listed);
  }
  return servers;
}

const listed = async (server: TestRegistry, subject: SyntheticImage) => {
  const found = await listReferrers(fixture.client([server]).client(server.host), "m/a", subject.digest);
  return found.map(({ digest }) => digest);
};

describe("referrers", () => {
  it.each<[string, BehaviourOption, BehaviourOption]>([
    ["from API to API", "specification", "specification"],
    ["from API to fallback tag", "specification", NO_API],
    ["from fallback tag to API", NO_API, "specification"],
    ["from fallback tag to fallback tag", NO_API, NO_API],
  ])("are copied %s, with what refers to them, and cosign's tag", async (_, from, to) => {
    const [source, target] = await signedPair(from, to);
    const client = fixture.client([source, target]);
    const result = await client.copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    expect(result.warnings).toEqual([]);
    expect(await target.defects("m/a", sbom.digest)).toEqual([]);
    expect(await listed(target, image)).toEqual([sbom.digest]);
    expect(await listed(target, sbom)).toEqual([sbomSignature.digest]);
    expect(await target.defects("m/a", tagFor(image, ".sig"))).toEqual([]);
    expect(target.tag("m/a", tagFor(image, ".sig"))).toBe(source.tag("a", tagFor(image, ".sig")));
  });

  it("come later to an image that is there already, and cost no write when they are there too", async () => {
    const [source, target] = await signedPair("specification", NO_API);
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "m/a:1"));
    expect(target.tags("m/a")).toEqual(["1"]);
    const second = await client.copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    expect(second.unchanged).toBe(true);
    expect(await listed(target, image)).toEqual([sbom.digest]);
    target.requests.clear();
    source.requests.clear();
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    // A reading can cost quota.
    for (const { digest } of [sbom, sbomSignature])
      expect(source.requests.count({ method: "GET", path: new RegExp(`/manifests/${digest}`) })).toBe(0);
    expect(target.requests.find().filter(({ method }) => method !== "HEAD" && method !== "GET")).toEqual([]);
  });

  it("keep those that the target's fallback tag lists already", async () => {
    const [source, target] = await signedPair("specification", NO_API);
    const own = makeArtifact({ artifactType: "application/vnd.own", subject: image });
    await pushImage(target, "m/a", image);
    await pushImage(target, "m/a", own);
    const index = makeReferrersIndex([{ image: own, artifactType: "application/vnd.own" }]);
    await pushImage(target, `m/a:${tagFor(image)}`, index);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    expect((await listed(target, image)).sort()).toEqual([own.digest, sbom.digest].sort());
  });

  it("that are told of twice are listed once", async () => {
    const target = await fixture.registry({ behaviour: NO_API });
    await pushImage(target, "m/a", image);
    await pushImage(target, "m/a", sbom);
    const client = fixture.client([target]).client(target.host);
    const stored = await client.manifest("m/a", sbom.digest);
    await listAsReferrers({ client, repository: "m/a" }, image.digest, [sbom.digest, sbom.digest], () =>
      Promise.resolve(stored),
    );
    expect(await listed(target, image)).toEqual([sbom.digest]);
  });

  it("that come with an image whose push is tried again are listed once", async () => {
    const [source, target] = await fixture.pair({ behaviour: NO_API });
    const child = makeArtifact({ artifactType: SBOM, subject: image });
    const descriptors = [...image.manifests, ...child.manifests].filter(
      ({ mediaType }) => !/index|list/.test(mediaType),
    );
    for (const made of [image, child]) await pushImage(source, "a", made);
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const manifests = descriptors.map(({ digest, mediaType, bytes }) => ({ mediaType, digest, size: bytes.length }));
    source.putManifest("a", mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests })), "all");
    target.faults.add({
      match: { method: "PUT", path: /manifests\/all$/ },
      action: { kind: "answer", status: 400, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"later"}]}' },
    });
    await fixture.client([source, target]).copy(at(source, "a:all"), at(target, "m/a:all"));
    expect(target.faults.met).toBe(1);
    expect(await listed(target, image)).toEqual([child.digest]);
  });

  it("that the target refuses are a warning, the image is copied", async () => {
    const [source, target] = await signedPair("specification", { subjects: false });
    const result = await fixture
      .client([source, target])
      .copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    expect(target.tag("m/a", "1")).toBe(image.digest);
    expect(result.warnings).toHaveLength(1);
    expect(result.warnings[0]).toContain(sbom.digest);
    expect(result.warnings[0]).toContain(target.host);
  });

  it("are copied from every page of their list", async () => {
    const [source, target] = await signedPair({ referrersPage: 2 }, "specification");
    const more = ["a", "b", "c", "d"].map((type) =>
      makeArtifact({ artifactType: `application/vnd.${type}`, subject: image }),
    );
    for (const artifact of more) await pushImage(source, "a", artifact);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    expect((await listed(target, image)).sort()).toEqual([sbom, ...more].map(({ digest }) => digest).sort());
  });

  it("are listed as they say themselves where their registry says it wrong", async () => {
    const [source, target] = await fixture.pair({ behaviour: NO_API });
    const annotations = { "org.opencontainers.image.created": "2026-01-02T03:04:05Z" };
    const own = makeArtifact({
      artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      subject: image,
      annotations,
    });
    for (const [name, made] of Object.entries({ "a:1": image, a: own })) await pushImage(source, name, made);
    const wrong = makeReferrersIndex([{ image: own, artifactType: "application/vnd.oci.empty.v1+json" }]);
    const headers = { "content-type": wrong.mediaType };
    const body = String(wrong.manifests.at(-1)?.bytes);
    source.faults.add({
      match: { path: new RegExp(`referrers/${image.digest}`) },
      action: { kind: "answer", status: 200, headers, body },
    });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    const found = await listReferrers(fixture.client([target]).client(target.host), "m/a", image.digest);
    expect(found).toMatchObject([
      { digest: own.digest, artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json", annotations },
    ]);
  });

  it("of the platforms that are copied come along; those of the whole index stay, with a warning", async () => {
    const [source, target] = await signedPair("specification", "specification");
    const [child] = image.manifests;
    const subject = { ...image, digest: child?.digest as typeof image.digest, manifests: [child as never] };
    const own = makeArtifact({ artifactType: SBOM, subject: { ...subject, mediaType: child?.mediaType as string } });
    await pushImage(source, "a", own);
    const options = { referrers: true, platforms: [{ os: "linux", architecture: "amd64" }] };
    const client = fixture.client([source, target]);
    const result = await client.copy(at(source, "a:1"), at(target, "m/a:1"), options);
    expect(await listed(target, subject)).toEqual([own.digest]);
    expect(result.warnings).toEqual([expect.stringMatching(new RegExp(`refers to ${image.digest}.*${result.digest}`))]);
    expect(target.tags("m/a")).toEqual(["1"]);
    const all = {
      referrers: true,
      platforms: ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture })),
    };
    expect((await client.copy(at(source, "a:1"), at(target, "m/a:1"), all)).warnings).toEqual([]);
  });

  it("are read once: what the target has costs no reading of a manifest at the source", async () => {
    const [source, target] = await signedPair("specification", "specification");
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    source.requests.clear();
    await client.copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    expect(source.requests.all.filter(({ method, path }) => method === "GET" && /\/manifests\//.test(path))).toEqual(
      [],
    );
  });

  it("have the tag of the specification, also for a long digest", () => {
    expect(referrersTag(digestOf("a"))).toBe(digestOf("a").replace(":", "-"));
    expect(referrersTag(digestOf("a", "sha512"))).toBe(`sha512-${digestOf("a", "sha512").slice(7, 71)}`);
  });

  it("that refer to each other end", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    // GitLab resolves the fallback tag to the subject itself.
    await pushImage(source, `a:${tagFor(image)}`, image);
    source.faults.add({ match: { path: /referrers/, times: Infinity }, action: { kind: "answer", status: 404 } });
    const result = await fixture
      .client([source, target])
      .copy(at(source, "a:1"), at(target, "m/a:1"), { referrers: true });
    expect(result.warnings).toEqual([]);
  });
});
