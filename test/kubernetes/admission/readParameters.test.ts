import { parseReference } from "../../../src/image/reference";
import type { JsonObject } from "../../../src/json";
import { admissionParameters, PARAMETER, type AdmissionParameters } from "../../../src/kubernetes/admission/parameters";
import { admittedCluster } from "../../../src/kubernetes/admission/admissionObjects";
import { AdmissionMode } from "../../../src/kubernetes/admission/admissionMode";
import { readParameters, unreadOfCluster } from "../../../src/kubernetes/admission/readParameters";

const DIGEST = `sha256:${"a".repeat(64)}`;

const namespaceOf = (parameters: Partial<AdmissionParameters>, mode = "rewrite"): JsonObject => ({
  metadata: {
    labels: { [`pulumi-chart-mirror/admission-${mode}`]: "true" },
    annotations: admissionParameters({ mirror: { host: "r.test:5000", path: "p" }, layout: {}, ...parameters }),
  },
});

it("reads the mirrors that were written", () => {
  const layout = { upstreams: [{ upstream: "quay.io", path: "cache/quay" }] };
  expect(readParameters(namespaceOf({ layout })).prefixes.slice().sort()).toEqual([
    "r.test:5000/cache/quay/",
    "r.test:5000/p/",
  ]);
  expect(readParameters({})).toMatchObject({ prefixes: [], unread: [] });
});

it.each([
  ["nginx:1", ["nginx:1"], ["nginx:12", "nginx"]],
  ["quay.io/team/*", ["quay.io/team/a:1", "quay.io/team/a/b"], ["quay.io/teams/a", "QUAY.io/x"]],
  ["QUAY.IO/a+b.c*", ["quay.io/a+b.c1"], ["quay.io/aab.c1", "quay.io/a+bxc"]],
  ["index.docker.io/library/busybox:*", ["busybox:1", "docker.io/busybox:2"], ["busybox"]],
])("reads the exception %s as it was meant", (pattern, excepted, others) => {
  const { isExcepted, unread } = readParameters(namespaceOf({ exceptions: [pattern] }));
  expect([...excepted, ...others].filter(isExcepted)).toEqual(excepted);
  expect(unread).toEqual([]);
});

describe("with what holds in all namespaces", () => {
  const cluster = {
    metadata: admittedCluster(
      AdmissionMode.Rewrite,
      admissionParameters({
        mirror: { host: "all.test" },
        layout: {},
        exceptions: ["busybox"],
        images: [{ source: "nginx", target: "all.test/nginx" }],
      }),
      ["tools"],
    ).content.metadata,
  } as JsonObject;
  const named = (name: string, namespace: JsonObject = {}): JsonObject => ({
    metadata: { ...(namespace.metadata as JsonObject | undefined), name },
  });
  const nginx = parseReference("nginx");

  it.each<[string, JsonObject, string[], boolean]>([
    ["one without a mode of its own", named("shop"), ["all.test/"], true],
    ["one with a mode", named("shop", namespaceOf({}, "warn")), ["all.test/", "r.test:5000/p/"], true],
    ["one that is left alone", named("tools"), [], false],
    // Its own policies know the mirrors of all, too.
    [
      "one that is left alone, with a mode",
      named("tools", namespaceOf({}, "warn")),
      ["all.test/", "r.test:5000/p/"],
      false,
    ],
    ["one of Kubernetes", named("kube-system"), [], false],
  ])("reads %s", (_, namespace, prefixes, rewritten) => {
    const read = readParameters(namespace, cluster);
    expect([...read.prefixes].sort()).toEqual(prefixes);
    expect([read.isExcepted("busybox"), read.isRewritten(nginx)]).toEqual([prefixes.length > 0, rewritten]);
  });

  it("knows for which mode a namespace is left alone", () => {
    const parameters = admissionParameters({ mirror: { host: "all.test" }, layout: {}, images: [] });
    const [one, other] = [
      admittedCluster(AdmissionMode.Rewrite, parameters, ["tools"]),
      admittedCluster(AdmissionMode.Warn, parameters, ["ci"]),
    ].map(({ content }) => content.metadata as { labels: object; annotations: object }) as [
      { labels: object; annotations: object },
      { labels: object; annotations: object },
    ];
    const both = {
      metadata: {
        labels: { ...one.labels, ...other.labels },
        annotations: {
          ...one.annotations,
          ...other.annotations,
          "pulumi-chart-mirror/cluster-admission.rule.1": "docker.io/ all.test/ path",
        },
      },
    } as JsonObject;
    const read = ["shop", "tools", "ci", "kube-system"].map((name) => {
      const { prefixes, isRewritten } = readParameters(named(name), both);
      return [prefixes.length, isRewritten(nginx)];
    });
    expect(read).toEqual([
      [1, true],
      [1, false],
      [1, true],
      [0, false],
    ]);
  });

  it("tells once of what cannot be read", () => {
    const key = "pulumi-chart-mirror/cluster-admission.exception.1";
    const broken = { metadata: { name: "kube-public", annotations: { [key]: "(a+)+" } } };
    expect(unreadOfCluster(broken)).toEqual([key]);
    expect(readParameters(named("shop"), broken)).toMatchObject({ unread: [] });
  });
});

it.each(["^(?s:(a+)+)$", "^(?s:[ab])$", "^(?s:a.b)$", "a", "^(?s:a{2})$"])(
  "runs no other expression: %s",
  (expression) => {
    const key = `${PARAMETER.exception}1`;
    const { isExcepted, unread } = readParameters({ metadata: { annotations: { [key]: expression } } });
    expect([isExcepted("a"), isExcepted("aa"), unread]).toEqual([false, false, [key]]);
  },
);

it("tells which images pods get anew", () => {
  const images = [
    { source: "quay.io/a/b:1", target: "r.test:5000/p/a/b:1", digest: DIGEST },
    { source: "nginx", target: "r.test:5000/p/nginx" },
  ];
  const layout = {
    upstreams: [
      { upstream: "ghcr.io", path: "cache" },
      { upstream: "ghcr.io/left", path: "other", copied: true },
    ],
  };
  const written = { images, layout };
  const rewritten = (mode: string, image: string): boolean =>
    readParameters(namespaceOf(written, mode)).isRewritten(parseReference(image));
  const yes = ["quay.io/a/b:1", `quay.io/a/b@${DIGEST}`, "docker.io/library/nginx:latest", "ghcr.io/x/y:2"];
  const no = ["quay.io/a/b:2", "quay.io/a/bc:1", "nginx:1", "ghcr.io/left/y:2", "gcr.io/x:1"];
  expect([...yes, ...no].filter((image) => rewritten("rewrite", image))).toEqual(yes);
  expect(yes.filter((image) => rewritten("warn", image))).toEqual([]);
});
