import {
  PullProblem,
  pullProblem,
  pullRemedy,
  type PullSituation,
} from "../../../src/kubernetes/releaseWatch/pullProblem";

/** As containerd 1.6 to 2.1, CRI-O, the kubelet and the clouds' registries write it. */
test.each<[PullProblem, string]>([
  [
    PullProblem.NotFound,
    'rpc error: code = NotFound desc = failed to pull and unpack image "r.io/team/app:9": failed to resolve reference "r.io/team/app:9": r.io/team/app:9: not found',
  ],
  [PullProblem.NotFound, "reading manifest 9 in r.io/team/app: manifest unknown"],
  [
    PullProblem.Login,
    'failed to resolve reference "r.io/team/app:9": failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://r.io/token: 401 Unauthorized',
  ],
  [
    PullProblem.Login,
    'failed to resolve reference "r.io/team/app:9": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  ],
  [
    PullProblem.Login,
    'failed to resolve reference "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1": pulling from host 123456789012.dkr.ecr.eu-west-1.amazonaws.com failed with status code [manifests 1]: 403 Forbidden',
  ],
  [PullProblem.Login, "unable to retrieve auth token: invalid username/password: unauthorized: incorrect username"],
  [
    PullProblem.PlainHttp,
    'failed to do request: Head "https://r.io:8083/v2/team/app/manifests/1": http: server gave HTTP response to HTTPS client',
  ],
  [
    PullProblem.Tls,
    'Head "https://r.io/v2/a/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    PullProblem.Unreachable,
    'Head "https://quay.io/v2/a/manifests/1": dial tcp: lookup quay.io on 10.0.0.10:53: no such host',
  ],
  [PullProblem.Unreachable, 'Head "https://quay.io/v2/a/manifests/1": dial tcp 3.4.5.6:443: i/o timeout'],
  [
    PullProblem.Unreachable,
    "initializing source docker://quay.io/a:1: pinging container registry quay.io: connection refused",
  ],
  [PullProblem.Throttled, "toomanyrequests: You have reached your unauthenticated pull rate limit"],
  [PullProblem.Throttled, "pull QPS exceeded"],
  [PullProblem.Platform, 'failed to pull and unpack image "r.io/a:1": no match for platform in manifest: not found'],
  [PullProblem.Platform, "no image found in image index for architecture arm64, variant v8, OS linux"],
  [PullProblem.Other, "failed to extract layer: no space left on device"],
])("%s: %s", (problem, words) => expect(pullProblem("ErrImagePull", words)).toBe(problem));

test.each([
  ["InvalidImageName", 'Failed to apply default image tag "r.io/A:1": not found', PullProblem.InvalidName],
  ["CreateContainerConfigError", 'secret "db" not found', PullProblem.Configuration],
])("a container in %s says it by that", (reason, words, problem) => expect(pullProblem(reason, words)).toBe(problem));

describe("pullRemedy", () => {
  const mirror = { host: "r.io", targets: new Set(["r.io/team/app:1"]) };
  const situation: PullSituation = {
    image: "r.io/team/app:1",
    namespace: "shop",
    pullSecrets: ["pull", "other"],
    missingSecrets: [],
    mirror,
  };

  test.each<[string, PullProblem, Partial<PullSituation>, RegExp]>([
    [
      "names the Secrets that hold a wrong login",
      PullProblem.Login,
      {},
      /Secret pull or other in the namespace shop .* r\.io/,
    ],
    ["says that a pod has no Secret", PullProblem.Login, { pullSecrets: [] }, /names no pull secret.*r\.io/],
    [
      "names the Secret that is missing",
      PullProblem.SecretMissing,
      { missingSecrets: ["pull"] },
      /Make the Secret pull in the namespace shop/,
    ],
    ["has a planned image copied again", PullProblem.NotFound, {}, /next update copies what is missing/],
    [
      "knows a planned image by another spelling",
      PullProblem.NotFound,
      { image: "docker.io/app:1", mirror: { host: "docker.io", targets: new Set(["docker.io/library/app:1"]) } },
      /next update copies/,
    ],
    [
      "says that nobody copied another image",
      PullProblem.NotFound,
      { image: "r.io/team/none:1" },
      /Nothing has brought this image to r\.io.*extraImages/,
    ],
    [
      "says that an image comes from elsewhere",
      PullProblem.NotFound,
      { image: "quay.io/a:1" },
      /not pulled from r\.io.*extraImages/,
    ],
    [
      "says so where it cannot be reached either",
      PullProblem.Unreachable,
      { image: "quay.io/a:1" },
      /not pulled from r\.io/,
    ],
    [
      "does not where no mirror is known",
      PullProblem.Login,
      { image: "quay.io/a:1", mirror: undefined },
      /valid login of quay\.io/,
    ],
    ["has nodes configured for http", PullProblem.PlainHttp, {}, /r\.io speaks plain http: chart-mirror node-config/],
    [
      "has nodes trust a certificate authority",
      PullProblem.Tls,
      {},
      /certificate authority of r\.io: chart-mirror node-config/,
    ],
    ["looks at the nodes' way to the mirror", PullProblem.Unreachable, {}, /nodes' way to r\.io/],
    ["waits where the mirror holds back", PullProblem.Throttled, {}, /kubelet tries again/],
  ])("%s", (_, problem, more, remedy) => {
    expect(pullRemedy(problem, { ...situation, ...more })).toMatch(remedy);
  });

  it("has one for every problem", () => {
    for (const problem of Object.values(PullProblem)) expect(pullRemedy(problem, situation).length).toBeGreaterThan(10);
  });
});
