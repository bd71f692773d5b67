/** The test of transport/failure.ts and registry/refusedManifest.ts: what an answer that is no success means. */
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

  it.each<[string, FaultMatch]>([
    ["the PUT of a manifest", { method: "PUT", path: /manifests/ }],
    ["the POST of a whole blob", { method: "POST", path: /uploads/ }],
  ])("by a limited rate, with a status that is awaited for other reasons, is tried again: %s", async (_, match) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    target.faults.add({ match: { ...match, times: 2 }, action: answer(400, "ThrottlingException", "Rate exceeded") });
    const client = fixture.client([source, target], {}, () => ({ kind: "ecr" }));
    await client.copy(at(source, "a:1"), at(target, "b:1"));
    expect(target.tag("b", "1")).toBe(image.digest);
    expect(target.faults.met).toBe(2);
  });

  it("by the store that a registry points to, for a limited rate, is told as that", async () => {
    const [source, target] = await fixture.pair();
    const store = await fixture.registry();
    const large = makeImage({ layers: [{ size: 900_000, seed: 1 }] });
    await pushImage(source, "a:1", large);
    source.faults.add({
      match: { path: /blobs\/sha/, times: Infinity },
      action: { kind: "redirect", to: `${store.url}/kept` },
    });
    store.faults.add({ match: { times: Infinity }, action: answer(403, "TOOMANYREQUESTS", "slow down") });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(error.code).toBe("QUOTA_EXCEEDED");
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

describe("what is not in the API's form", () => {
  const POST: FaultMatch = { method: "POST", times: Infinity };
  const ANY: FaultMatch = { times: Infinity };
  const say = (match: FaultMatch, status: number, body: string, headers: Record<string, string> = {}) =>
    copyTo(({ faults }) => faults.add({ match, action: { kind: "answer", status, body, headers } }));

  it.each<[number, string, string, RegExp]>([
    [
      403,
      '{"message":"User: u is not authorized to perform: ecr:PutImage on resource: r"}',
      "ACCESS_DENIED",
      /Allow u ecr:PutImage on r$/,
    ],
    [403, '{"error":"blocked by the firewall"}', "ACCESS_DENIED", /blocked by the firewall/],
    [403, "<html><title>Access blocked</title></html>", "ACCESS_DENIED", /the web page "Access blocked"/],
    [409, '{"detail":"being migrated"}', "REGISTRY_FAILED", /status 409: being migrated$/],
    [503, "upstream connect error", "REGISTRY_FAILED", /status 503: upstream connect error/],
    [507, "", "STORAGE_QUOTA_EXCEEDED", /insufficient storage/],
    [400, '{"message":"storage quota of the plan exceeded"}', "STORAGE_QUOTA_EXCEEDED", /storage quota of the plan/],
  ])("is told: %s %s", async (status, body, code, words) => {
    const error = await say(POST, status, body);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
  });

  it("is told where HEAD was refused, whose answer has no words", async () => {
    const error = await say(ANY, 403, '{"message":"this network is not allowed"}');
    expect(error).toMatchObject({ code: "ACCESS_DENIED" });
    expect(error.message).toContain("this network is not allowed");
  });

  it.each([
    ["Go", 400, "Client sent an HTTP request to an HTTPS server.\n"],
    ["nginx", 400, "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"],
    [
      "Apache",
      400,
      "<html><head><title>400 Bad Request</title></head><p>Reason: You're speaking plain HTTP to an SSL-enabled server port.</p>",
    ],
    ["Tomcat", 400, "Bad Request\nThis combination of host and port requires TLS.\n"],
  ])("on a port with TLS says that plain http is wrong: %s", async (_, status, body) => {
    for (const match of [ANY, POST]) {
      const error = await say(match, status, body);
      expect(error).toMatchObject({ code: "REGISTRY_SPEAKS_TLS" });
      expect(error.message).toMatch(/wants TLS.*Reach it by https.*plainHttp/);
    }
  });

  it.each<[FaultMatch, number]>([
    [ANY, 301],
    [ANY, 308],
    [{ ...POST }, 301],
    [{ ...POST }, 307],
    [{ method: "PATCH", times: Infinity }, 308],
    [{ method: ["PUT", "PATCH"], times: Infinity }, 302],
  ])("redirects of plain http to itself with TLS say so: %j %s", async (match, status) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", makeImage({ layers: [{ size: 900_000, seed: "layer" }] }));
    target.faults.add({ match, action: { kind: "redirect", to: `https://${target.host}/`, status } });
    const options = { retry: { attempts: 2 } };
    const error = await failure(fixture.client([source, target], options).copy(at(source, "a:1"), at(target, "b:1")));
    // What only reads follows, and meets a port that has no TLS here.
    expect(["REGISTRY_SPEAKS_TLS", ...(match === ANY ? ["REGISTRY_SPEAKS_PLAIN_HTTP"] : [])]).toContain(error.code);
  });

  it.each([
    [
      "Harbor",
      403,
      '{"errors":[{"code":"DENIED","message":"The system is in read only mode. Any modification is prohibited."}]}',
    ],
    [
      "Quay",
      405,
      '{"errors":[{"code":"DENIED","message":"System is currently read-only. Pulls will succeed but all write operations are currently suspended."}]}',
    ],
    ["Artifactory", 503, '{"errors":[{"status":503,"message":"Repository is set to read-only mode"}]}'],
    [
      "a disk",
      500,
      '{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":"mkdir /r: read-only file system"}]}',
    ],
    ["CNCF Distribution", 405, "Method not allowed\n"],
    ["a cache of it", 405, '{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}'],
    ["a proxy of Nexus", 400, '{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}'],
    ["a server of files", 501, "Unsupported method ('POST')"],
    ["Harbor's proxy", 403, '{"errors":[{"code":"DENIED","message":"can not push artifact to a proxy project: hub"}]}'],
  ])("or is, of a registry that takes no writes, says so: %s", async (_, status, body) => {
    const error = await say(POST, status, body);
    expect(error.code).toBe("REGISTRY_READ_ONLY");
    expect(error.message).toMatch(/takes nothing, .*End its read-only mode/);
  });

  it.each(["", '{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}'])(
    "also where all blobs are there already: %s",
    async (body) => {
      const error = await copyTo(({ faults }) =>
        faults.add({
          match: { method: "PUT", path: /manifests/, times: Infinity },
          action: { kind: "answer", status: 405, headers: { "content-type": "application/json" }, body },
        }),
      );
      expect(error).toMatchObject({ code: "REGISTRY_READ_ONLY" });
    },
  );

  it("as one that wants another protocol is one that wants TLS", async () => {
    const error = await say(ANY, 426, "Upgrade Required");
    expect(error).toMatchObject({ code: "REGISTRY_SPEAKS_TLS" });
  });

  it("a role that is called read-only is no registry that is", async () => {
    const error = await say(
      POST,
      403,
      '{"message":"User: arn:aws:sts::1:assumed-role/read-only/me is not authorized to perform: ecr:PutImage"}',
    );
    expect(error.code).toBe("ACCESS_DENIED");
  });
});
