import { referrersTag } from "../../../src/oci/registry/client";
import { makeArtifact, makeImage, makeReferrersIndex, pushImage, type SyntheticImage } from "../../support/images";
import type { BehaviourOption, TestRegistry } from "../../support/registry";
import { at, Fixture } from "../fixture";
import { writes } from "./copies";

const fixture = new Fixture();
const image = makeImage();
const SBOM = "application/spdx+json";
const artifact = (n: number): SyntheticImage =>
  makeArtifact({ artifactType: SBOM, subject: image, annotations: { "org.example.n": String(n) } });
const sbom = artifact(1);
const NO_API: BehaviourOption = { referrers: false };

function entries(target: TestRegistry, repository = "m"): { digest: string; [field: string]: unknown }[] {
  const index = target.manifest(repository, referrersTag(image.digest));
  return index ? (JSON.parse(index.bytes.toString("utf8")) as { manifests: [] }).manifests : [];
}

async function pair(behaviour: BehaviourOption, ...artifacts: SyntheticImage[]): Promise<[TestRegistry, TestRegistry]> {
  const [source, target] = await fixture.pair({ behaviour });
  for (const [i, one] of artifacts.entries()) await pushImage(source, `a:sbom${i}`, one);
  return [source, target];
}

describe("what refers to another manifest, copied by a name of its own", () => {
  it.each(["a:sbom0", `a@${sbom.digest}`, `a:sbom0@${sbom.digest}`])(
    "is listed in the fallback tag where a registry does not list it: %s",
    async (name) => {
      const [source, target] = await pair(NO_API, sbom);
      const client = fixture.client([source, target]);
      const to = name.replace(/^a/, "m");
      expect((await client.copy(at(source, name), at(target, to))).warnings).toEqual([]);
      expect(await target.defects("m", sbom.digest)).toEqual([]);
      expect(entries(target)).toEqual([
        expect.objectContaining({ digest: sbom.digest, artifactType: SBOM, annotations: { "org.example.n": "1" } }),
      ]);
      const written = writes(target).length;
      expect(await client.copy(at(source, name), at(target, to))).toMatchObject({ unchanged: true });
      expect(writes(target).length).toBe(written);
    },
  );

  it("is listed by a registry that lists it, and by nothing else", async () => {
    const [source, target] = await pair("specification", sbom);
    await fixture.client([source, target]).copy(at(source, "a:sbom0"), at(target, "m:x"));
    expect(target.tags("m")).toEqual(["x"]);
    expect(target.requests.count({ path: /\/referrers\// })).toBe(0);
  });

  it("is added to those that are listed, which stay as they are", async () => {
    const [source, target] = await pair(NO_API, sbom);
    const other = artifact(2);
    await pushImage(target, "m", other);
    const listed = makeReferrersIndex([{ image: other, artifactType: SBOM }]);
    const known = JSON.parse(listed.manifests.at(-1)?.bytes.toString("utf8") ?? "") as { manifests: object[] };
    const document = {
      ...known,
      annotations: { own: "yes" },
      manifests: known.manifests.map((one) => ({ ...one, data: "e30=" })),
    };
    target.putManifest("m", listed.mediaType, Buffer.from(JSON.stringify(document)), referrersTag(image.digest));
    await fixture.client([source, target]).copy(at(source, "a:sbom0"), at(target, "m:x"));
    expect(entries(target)).toEqual([document.manifests[0], expect.objectContaining({ digest: sbom.digest })]);
    const index = target.manifest("m", referrersTag(image.digest));
    expect(JSON.parse(index?.bytes.toString("utf8") ?? "")).toMatchObject({ annotations: { own: "yes" } });
  });

  it("is listed with all others that come at the same time", async () => {
    const all = [1, 2, 3, 4, 5, 6].map(artifact);
    const [source, target] = await pair(NO_API, ...all);
    const client = fixture.client([source, target]);
    await Promise.all(all.map((_, i) => client.copy(at(source, `a:sbom${i}`), at(target, `m:x${i}`))));
    expect(
      entries(target)
        .map(({ digest }) => digest)
        .sort(),
    ).toEqual(all.map(({ digest }) => digest).sort());
  });

  it("is listed by the copy that comes after one that ended on the way", async () => {
    const [source, target] = await pair(NO_API, sbom);
    target.faults.add({
      match: { method: "PUT", path: /\/manifests\/sha256-/ },
      action: { kind: "answer", status: 401 },
    });
    target.faults.add({ match: { method: "PUT", path: /\/manifests\/x$/ }, action: { kind: "answer", status: 400 } });
    const copy = () => fixture.client([source, target]).copy(at(source, "a:sbom0"), at(target, "m:x"));
    await expect(copy()).rejects.toThrow();
    expect(target.tags("m")).toEqual([]);
    await copy();
    expect(entries(target)).toHaveLength(1);
    expect(target.tags("m")).toContain("x");
  });

  it("is listed again after another program wrote the list at the same time, which stays listed too", async () => {
    const [source, target] = await pair(NO_API, sbom);
    const other = artifact(2);
    await pushImage(target, "m", other);
    const theirs = makeReferrersIndex([{ image: other, artifactType: SBOM }]);
    const bytes = theirs.manifests.at(-1)?.bytes ?? Buffer.alloc(0);
    const happen = (): void => void target.putManifest("m", theirs.mediaType, bytes, referrersTag(image.digest));
    target.faults.add({
      match: { method: "HEAD", path: /\/manifests\/sha256-/ },
      action: { kind: "meanwhile", happen },
    });
    await fixture.client([source, target]).copy(at(source, "a:sbom0"), at(target, "m:x"));
    expect(target.faults.met).toBe(1);
    expect(entries(target).map(({ digest }) => digest)).toEqual([other.digest, sbom.digest]);
  });

  it("takes no tag that names an image of somebody else, which is told", async () => {
    const [source, target] = await pair(NO_API, sbom);
    const theirs = makeImage({ layers: [{ size: 10, seed: "theirs" }] });
    await pushImage(target, `m:${referrersTag(image.digest)}`, theirs);
    const { warnings } = await fixture.client([source, target]).copy(at(source, "a:sbom0"), at(target, "m:x"));
    expect(warnings).toEqual([expect.stringMatching(/could not be listed .* in place of the list of referrers/)]);
    expect(target.tag("m", referrersTag(image.digest))).toBe(theirs.digest);
    expect(await target.defects("m", "x")).toEqual([]);
  });

  it("is there without a place in the list that the target refuses, which is told", async () => {
    const [source, target] = await pair(NO_API, sbom);
    target.faults.add({
      match: { method: "PUT", path: /\/manifests\/sha256-/, times: Infinity },
      action: { kind: "answer", status: 403, body: '{"message":"tags are named by the release team"}' },
    });
    const { warnings } = await fixture.client([source, target]).copy(at(source, "a:sbom0"), at(target, "m:x"));
    expect(warnings).toEqual([expect.stringMatching(/could not be listed .*named by the release team/)]);
    expect(await target.defects("m", "x")).toEqual([]);
  });
});
