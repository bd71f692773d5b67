import { admissionParameters, PARAMETER, type AdmissionParameters } from "../../../src/kubernetes/admission/parameters";

const DIGEST = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;

/** The values of a kind of parameters, in the order of their keys. */
function values(kind: keyof typeof PARAMETER, parameters: Partial<AdmissionParameters>): string[] {
  const all = admissionParameters({ mirror: { host: "r.test:5000", path: "p" }, layout: {}, ...parameters });
  return Object.entries(all)
    .filter(([key]) => key.startsWith(PARAMETER[kind]))
    .map(([, value]) => value)
    .sort();
}

it("names the mirror and the paths of its upstreams, in the one spelling of a registry", () => {
  const mirror = { host: "R.test:443", path: "p" };
  const layout = { upstreams: [{ upstream: "quay.io", path: "quay" }] };
  expect(values("mirror", { mirror, layout })).toEqual(["r.test/p/", "r.test/quay/"]);
  expect(values("mirror", { mirror: { host: "r.test" } })).toEqual(["r.test/"]);
});

it.each<[string, string]>([
  ["quay.io/shop/*", "^(?s:quay\\.io/shop/.*)$"],
  ["QUAY.io/a+b:1", "^(?s:QUAY\\.io/a\\+b:1|quay\\.io/a\\+b:1)$"],
  ["*", "^(?s:.*)$"],
  ["a(b|c)[d]{2}$^\\?", "^(?s:a\\(b\\|c\\)\\[d\\]\\{2\\}\\$\\^\\\\\\?)$"],
])("makes a regular expression of the pattern %s", (pattern, expression) => {
  expect(values("exception", { exceptions: [pattern] })).toEqual([expression]);
});

it.each<[string, AdmissionParameters["images"], string[]]>([
  ["a tag", [{ source: "quay.io/a/b:1", target: "r.test:5000/p/a/b:1" }], ["quay.io/a/b r.test:5000/p/a/b :1"]],
  [
    "no tag",
    [{ source: "nginx", target: "r.test:5000/p/nginx" }],
    ["docker.io/library/nginx r.test:5000/p/nginx :latest"],
  ],
  [
    "a tag whose digest was looked up",
    [{ source: "quay.io/a/b:1", target: "r.test:5000/p/a/b:1", digest: DIGEST }],
    [`quay.io/a/b r.test:5000/p/a/b :1 @${DIGEST}`],
  ],
  [
    "a tag and a digest",
    [{ source: `quay.io/a/b:1@${DIGEST}`, target: `r.test:5000/p/a/b:1@${DIGEST}` }],
    [`quay.io/a/b r.test:5000/p/a/b :1 @${DIGEST}`],
  ],
  [
    "platforms that gave the copy another digest",
    [{ source: "quay.io/a/b:1", target: "r.test:5000/p/a/b:1", digest: DIGEST, targetDigest: OTHER }],
    ["quay.io/a/b r.test:5000/p/a/b :1"],
  ],
  [
    "several of one repository, and what is no reference",
    [
      { source: "quay.io/a/b:2", target: "r.test:5000/p/a/b:2" },
      { source: "quay.io/a/b:1", target: "r.test:5000/p/a/b:1" },
      { source: "${IMAGE}", target: "r.test:5000/p/x" },
    ],
    ["quay.io/a/b r.test:5000/p/a/b :1 :2"],
  ],
])("says what the mirror has of %s", (_, images, lines) => {
  expect(values("image", { images: images ?? [] })).toEqual(lines);
});

it.each<[string, Partial<AdmissionParameters>, string[]]>([
  ["nothing but copies", {}, []],
  [
    "served upstreams, and those whose images are copied",
    {
      layout: {
        upstreams: [
          { upstream: "docker.io", path: "hub" },
          { upstream: "docker.io/vendor", path: "ours", copied: true },
        ],
      },
    },
    ["docker.io/ r.test:5000/hub/ repository", "docker.io/vendor/ - stays"],
  ],
  [
    "hosts that were asked for",
    { upstreams: ["Quay.io", "gcr.io:443"] },
    ["gcr.io/ r.test:5000/p/ path", "quay.io/ r.test:5000/p/ path"],
  ],
  [
    "hosts that were asked for, in a layout that keeps them",
    { upstreams: ["localhost:5001"], layout: { keepHost: true } },
    ["localhost:5001/ r.test:5000/p/localhost_5001/ path"],
  ],
  [
    "a host that is asked for and copied to a path of its own",
    { upstreams: ["quay.io"], layout: { upstreams: [{ upstream: "quay.io", path: "ours", copied: true }] } },
    ["quay.io/ r.test:5000/ours/ repository"],
  ],
  [
    "a host that is asked for beside a part of it that is served",
    { upstreams: ["quay.io"], layout: { upstreams: [{ upstream: "quay.io/a", path: "cached" }] } },
    ["quay.io/ r.test:5000/p/ path", "quay.io/a/ r.test:5000/cached/ repository"],
  ],
  ["the mirror as its own upstream", { upstreams: ["r.test:5000"] }, []],
])("makes rules of %s", (_, parameters, rules) => {
  expect(values("rule", parameters)).toEqual(rules);
});

it("has keys that Kubernetes takes for annotations, made of what they stand for", () => {
  const secret = "x".repeat(253);
  const parameters = { mirror: { host: "r.test" }, layout: {}, pullSecrets: [secret, "pull"] };
  const keys = Object.keys(admissionParameters(parameters));
  for (const key of keys) expect(key).toMatch(/^pulumi-chart-mirror\/[a-z0-9.-]{1,63}$/);
  expect(Object.keys(admissionParameters({ ...parameters, pullSecrets: ["pull", secret] }))).toEqual(keys);
  expect(values("secret", { pullSecrets: ["pull", secret] })).toEqual(["pull", secret]);
});
