import { makeImage, pushImage } from "../../support/images";
import type { FaultMatch, TestRegistry } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";

const fixture = new Fixture();
const image = makeImage();

const answer = (status: number, code: string, message: string) => ({
  kind: "answer" as const,
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ errors: [{ code, message }] }),
});

async function copyTo(disturb: (target: TestRegistry) => void) {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  disturb(target);
  return failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
}

describe("a push that is refused", () => {
  it("for want of a permission names the action and the resource", async () => {
    const resource = "arn:aws:ecr:eu-west-1:123456789012:repository/b";
    const user =
      "arn:aws:sts::123456789012:assumed-role/a-role-with-a-rather-long-name-for-deployments/a-session-of-it";
    const said = `User: ${user} is not authorized to perform: ecr:InitiateLayerUpload on resource: ${resource} because no identity-based policy allows the ecr:InitiateLayerUpload action`;
    const error = await copyTo(({ faults }) =>
      faults.add({ match: { method: "POST", times: Infinity }, action: answer(403, "DENIED", said) }),
    );
    expect(error.code).toBe("ACCESS_DENIED");
    expect(error.message).toMatch(new RegExp(`Allow ${user} ecr:InitiateLayerUpload on ${resource}$`));
  });

  it("without words says what a push needs", async () => {
    const error = await copyTo(({ faults }) =>
      faults.add({ match: { method: "POST", times: Infinity }, action: answer(403, "DENIED", "denied") }),
    );
    expect(error.message).toMatch(/Grant the login the right to push on the repository b/);
  });

  it.each([
    [400, "DENIED", "Quota exceeded when processing the request of adding 1.3 MiB"],
    [403, "DENIED", "Quota has been exceed on namespace"],
    [412, "PRECONDITION", "adding 29.0 MiB, which will exceed the configured upper limit of 10.0 MiB."],
  ])("for want of room says so: %s %s %s", async (status, code, said) => {
    const error = await copyTo(({ faults }) =>
      faults.add({ match: { method: "PUT", path: /manifests/, times: Infinity }, action: answer(status, code, said) }),
    );
    expect(error.code).toBe("STORAGE_QUOTA_EXCEEDED");
    expect(error.message).toMatch(/has no room for writing the manifest of .*b.*Delete images that nothing uses/);
  });

  it.each([
    ["ECR", 400, "TAG_INVALID", "The image tag '1' already exists in the 'b' repository and cannot be overwritten"],
    ["Harbor", 412, "PRECONDITION", "Failed to process request due to 'b:1' configured as immutable."],
    [
      "Artifact Registry",
      400,
      "FAILED_PRECONDITION",
      "cannot update tag 1. The repository has enabled tag immutability",
    ],
    ["Azure", 405, "UNSUPPORTED", "The operation is disallowed on this registry, repository or image."],
    ["any with a conflict", 409, "DENIED", "no"],
  ])("for a tag that may not be moved names both digests: %s", async (_, status, code, said) => {
    const other = makeImage({ config: { User: "7" } });
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    await pushImage(target, "b:1", other);
    target.faults.add({
      match: { method: "PUT", path: /manifests\/1$/, times: Infinity },
      action: answer(status, code, said),
    });
    const client = fixture.client([source, target]);
    const error = await failure(client.copy(at(source, "a:1"), at(target, "b:1")));
    expect(error).toMatchObject({ code: "TAG_IMMUTABLE", present: other.digest, wanted: image.digest });
    // The same digest is what was wanted.
    await pushImage(target, "c:1", image);
    expect(await client.copy(at(source, "a:1"), at(target, "c:1"))).toMatchObject({ unchanged: true });
  });

  it.each([
    ["CNCF Distribution 3", "write /r/_uploads/01a1fddf/data: no space left on device"],
    ["CNCF Distribution 2.8", { DriverName: "filesystem", Enclosed: { Op: "write", Path: "/r/startedat", Err: 28 } }],
  ])("for want of disk says so, after some tries: %s", async (_, detail) => {
    const body = JSON.stringify({ errors: [{ code: "UNKNOWN", message: "unknown error", detail }] });
    const full = { kind: "answer", status: 500, body } as const;
    const error = await copyTo(({ faults }) =>
      faults.add({ match: { method: "POST", times: Infinity }, action: full }),
    );
    expect(error.code).toBe("STORAGE_QUOTA_EXCEEDED");
    expect(error.message).toMatch(/no space left on device.*storage more room/s);
  });

  it.each<[string, FaultMatch]>([
    ["a blob that is streamed", { method: ["PATCH", "PUT"], path: /\/uploads\// }],
    ["a blob in one request", { method: ["POST", "PATCH", "PUT"], path: /digest=|\/uploads\/./ }],
    ["a manifest", { method: "PUT", path: /\/manifests\// }],
  ])("for its size by a proxy names the setting: %s", async (name, match) => {
    const [source, target] = await fixture.pair();
    const size = name.endsWith("streamed") ? 900_000 : 900;
    await pushImage(source, "a:1", makeImage({ layers: [{ size, seed: "layer" }] }));
    const body = "<html><head><title>413 Request Entity Too Large</title></head></html>";
    target.faults.add({ match: { ...match, times: Infinity }, action: { kind: "answer", status: 413, body } });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(error).toMatchObject({ code: "REQUEST_TOO_LARGE", registry: target.host, status: 413 });
    expect(error.message).toContain('nginx.ingress.kubernetes.io/proxy-body-size: "0"');
    expect(target.tags("b")).toEqual([]);
  });

  it("for its type names the type and Quay's setting", async () => {
    const target = await fixture.registry({ behaviour: "quay" });
    const config = { mediaType: "application/vnd.odd.config.v1+json", bytes: Buffer.from("{}") };
    const layers = [{ mediaType: "application/vnd.odd.layer", bytes: Buffer.from("odd") }];
    const error = await failure(fixture.client([target]).pushArtifact(at(target, "odd:1"), { config, layers }));
    expect(error).toMatchObject({ code: "ARTIFACT_REFUSED", mediaType: config.mediaType });
    expect(error.message).toMatch(/Let it take application\/vnd\.odd\.config\.v1\+json .*ALLOWED_OCI_ARTIFACT_TYPES/);
  });
});
