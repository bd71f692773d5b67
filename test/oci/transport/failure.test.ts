import { failureOf, type RequestContext } from "../../../src/oci/transport/failure";
import { RetryableFailure } from "../../../src/oci/transport/retry";
import { FastClock } from "../fixture";

const pull = { repository: "team/web" };
const push = { repository: "team/web", push: true };

/** The code of the error that such an answer is. */
function codeOf(said: string, status: number, context: Partial<RequestContext>): unknown {
  const host = "registry.example.com";
  const known = { registry: host, place: host, user: "me", doing: "asking", scrub: (text: string) => text };
  const body = Buffer.from(JSON.stringify({ errors: [{ code: "DENIED", message: said }] }));
  const failure = failureOf({ ...known, ...context }, status, {}, body, new FastClock());
  return ((failure instanceof RetryableFailure ? failure.error : failure) as { code?: string }).code;
}

describe("what an answer says", () => {
  it.each([
    "the policy of this project requires TLS client certificates",
    "this plan requires HTTPS webhooks",
    "Client sent an HTTP request to an HTTPS server.",
    "SSL required",
    "HTTPS is required to view this resource",
    "The page you are trying to access is secured with Secure Sockets Layer (SSL).",
  ])("of TLS is about the way there only where that had none: %s", (said) => {
    expect(codeOf(said, 403, { permission: pull, plainHttp: false })).toBe("ACCESS_DENIED");
    expect(codeOf(said, 403, { permission: pull })).toBe("ACCESS_DENIED");
    expect(codeOf(said, 403, { permission: pull, plainHttp: true })).toBe("REGISTRY_SPEAKS_TLS");
  });

  it.each(["the quota of pulls is exceeded for this project", "storage limit of your plan: pulls are suspended"])(
    "of a quota is about room only for what is written: %s",
    (said) => {
      expect(codeOf(said, 403, { permission: push })).toBe("STORAGE_QUOTA_EXCEEDED");
      expect(codeOf(said, 403, { permission: pull })).toBe("ACCESS_DENIED");
      expect(codeOf(said, 403, {})).toBe("ACCESS_DENIED");
      expect(codeOf(said, 507, { permission: pull })).toBe("STORAGE_QUOTA_EXCEEDED");
    },
  );

  it.each([
    "the token is read-only",
    "your account is read only",
    'user "robot$ci" is read-only',
    "The credentials are read-only",
    "token for this registry is read-only",
    "this is a read-only token",
    "you are using a read-only access token",
    "the API key is currently read-only",
    "the deploy token used is set to read-only",
    "user ci may not push to the virtual repository docker",
    "you can not push to team/proxy-cache",
    "insufficient permissions on the remote repository",
  ])("of a login that only reads is no word of the registry: %s", (said) => {
    expect(codeOf(said, 403, { permission: push })).toBe("ACCESS_DENIED");
  });

  it.each([
    "the registry is read-only",
    "The system is in read only mode. Any modification is prohibited.",
    "user me may not push: repository is read-only",
    "users can not push while the registry is in read-only mode",
    "token is valid, but the repository is read-only",
    "read-only file system",
    "can not push artifact to a proxy project: dockerhub",
    "Virtual repositories do not support write operations",
    "The repository is a remote repository and does not support uploads",
    "No local repository found in virtual repository docker, so uploads cannot be performed",
    "Deploying to groups is a PRO-licensed feature. See https://links.sonatype.com/product-nexus-repository",
    "Repository state MIRROR does not allow pushes",
    "namespace m is currently not in a writable state",
    "write operations are currently suspended",
  ])("of a registry that only reads is: %s", (said) => {
    expect(codeOf(said, 403, { permission: push })).toBe("REGISTRY_READ_ONLY");
    expect(codeOf(said, 403, { permission: pull })).toBe("ACCESS_DENIED");
  });
});
