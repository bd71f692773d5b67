import fc from "fast-check";
import { parseReference } from "../../../src/image/reference";
import { NODE_RUNTIMES, type NodeRuntime } from "../../../src/kubernetes/nodeConfiguration/nodeConfiguration";
import { unservedImages } from "../../../src/kubernetes/nodeConfiguration/upstreamRoute";
import { targetReference } from "../../../src/plan/layout";

const mirror = { host: "r.test:5000", path: "p" };
const configuration = { mirror, layout: {}, upstreams: ["docker.io", "quay.io"] };

describe("unservedImages", () => {
  // [source, target, runtimes whose nodes do not find it]
  test.each<[string, string, NodeRuntime[]]>([
    ["quay.io/team/app:1", "r.test:5000/p/team/app:1", []],
    ["docker.io/team/app:1", "r.test:5000/p/team/app:1", []],
    ["docker.io/library/nginx:1", "r.test:5000/p/nginx:1", ["containerd"]],
    ["docker.io/library/nginx:1", "r.test:5000/p/library/nginx:1", ["k3s"]],
    ["quay.io/library/nginx:1", "r.test:5000/p/library/nginx:1", []],
    ["quay.io/team/app:1", "r.test:5000/p/other/app:1", ["k3s", "containerd", "openshift"]],
    ["ghcr.io/not/asked:1", "r.test:5000/p/other/app:1", []],
    ["quay.io/left/alone:1", "quay.io/left/alone:1", []],
  ])("%s at %s is missed by %j", (source, target, missedBy) => {
    const image = { source, target };
    expect(NODE_RUNTIMES.filter((runtime) => unservedImages([image], configuration, runtime).length > 0)).toEqual(
      missedBy,
    );
  });

  test("every image that the layout places is found, but official ones by containerd", () => {
    const segment = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const host = fc.constantFrom("quay.io", "docker.io", "q.test:5000");
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/"));
    fc.assert(
      fc.property(host, path, fc.option(path, { nil: undefined }), fc.boolean(), (registry, name, prefix, keepHost) => {
        const at = { host: "r.test", ...(prefix !== undefined && { path: prefix }) };
        const reference = parseReference(`${registry}/${name}:1`);
        fc.pre(!name.startsWith("library/"));
        const image = {
          source: `${reference.registry}/${reference.repository}:1`,
          target: targetReference(reference, at, { keepHost }),
        };
        const route = { mirror: at, layout: { keepHost }, upstreams: [registry] };
        const official = registry === "docker.io" && !name.includes("/");
        expect(NODE_RUNTIMES.filter((runtime) => unservedImages([image], route, runtime).length > 0)).toEqual(
          official ? ["containerd"] : [],
        );
      }),
    );
  });
});
