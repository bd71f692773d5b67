import { COMMAND_LINE_WORDS } from "../../../src/cli/options/commandLineWords";
import { requiredReplacements, type ReplacementOptions } from "../../../src/chart/find/requiredReplacements";
import type { FoundImage } from "../../../src/chart/find/foundImage";

const mirror = { host: "mirror.test", path: "p" };
const options: ReplacementOptions = { mirror };

const found = (reference: string, more: Partial<FoundImage> = {}): FoundImage => ({
  reference,
  location: {
    apiVersion: "v1",
    kind: "Pod",
    name: "pod",
    path: ["spec", "containers", 0, "image"],
    evidence: "container",
  },
  certainty: "certain",
  why: "container",
  manifest: 0,
  ...more,
});

async function outcome(image: FoundImage, more: Partial<ReplacementOptions> = {}): Promise<unknown> {
  const { replacements, findings } = await requiredReplacements([image], { ...options, ...more });
  return [
    replacements.map(({ target, incomplete }) => (incomplete ? `${target} (incomplete)` : target)),
    findings.map(({ code }) => code),
  ];
}

describe("goalsOf", () => {
  it.each<[string, FoundImage, Partial<ReplacementOptions>, unknown]>([
    ["moves an image", found("quay.io/a/b:1"), {}, [["mirror.test/p/a/b:1"], []]],
    ["leaves what the user ignores", found("quay.io/a/b:1"), { ignoreImages: ["quay.io/a/*"] }, [[], []]],
    [
      "leaves what the user ignores by its canonical name",
      found("nginx"),
      { ignoreImages: ["docker.io/library/nginx"] },
      [[], []],
    ],
    ["leaves what is in the mirror", found("mirror.test/p/a/b:1"), {}, [[], ["ALREADY_IN_MIRROR"]]],
    [
      "leaves what kustomize looks for by its name, and says that it escapes",
      found("quay.io/a/b:1", { isLookedFor: true }),
      {},
      [[], ["IMAGE_ESCAPES"]],
    ],
    [
      "leaves what kustomize looks for in the mirror",
      found("mirror.test/p/a/b:1", { isLookedFor: true }),
      {},
      [[], ["ALREADY_IN_MIRROR"]],
    ],
    [
      "leaves what kustomize looks for where the user ignores it",
      found("quay.io/a/b:1", { isLookedFor: true }),
      { ignoreImages: ["quay.io/a/b:1"] },
      [[], []],
    ],
    ["leaves a doubtful text", found("a/b", { certainty: "possible" }), {}, [[], ["UNCONFIRMED_IMAGE"]]],
    [
      "moves a doubtful text that its registry confirms",
      found("a/b", { certainty: "possible" }),
      { confirm: (reference) => Promise.resolve(reference === "docker.io/a/b") },
      [["mirror.test/p/a/b"], []],
    ],
    [
      "moves the host of what is completed at run time, and says that it cannot be copied",
      found("quay.io/a/hub", { completedAtRunTime: true }),
      {},
      [["mirror.test/p/a/hub (incomplete)"], ["IMAGE_COMPLETED_AT_RUN_TIME"]],
    ],
    [
      "moves a registry that a program puts before names, and says that nothing is known of them",
      found("registry.k8s.io", { certainty: "likely", holdsImages: true }),
      {},
      [["mirror.test/p (incomplete)"], ["IMAGE_COMPLETED_AT_RUN_TIME"]],
    ],
    [
      "moves a path that a program puts before names, its slash kept",
      found("docker.io/kube/", { certainty: "likely", holdsImages: true }),
      { layout: { upstreams: [{ upstream: "docker.io", path: "hub" }] } },
      [["mirror.test/hub/kube/ (incomplete)"], ["IMAGE_COMPLETED_AT_RUN_TIME"]],
    ],
    [
      "leaves a registry that is the mirror's",
      found("mirror.test/p", { certainty: "likely", holdsImages: true }),
      {},
      [[], []],
    ],
    [
      "copies no tag that nobody told of",
      found("quay.io/a/b", { certainty: "likely", tagUntold: true }),
      { confirm: () => Promise.resolve(false) },
      [["mirror.test/p/a/b (incomplete)"], ["IMAGE_COMPLETED_AT_RUN_TIME"]],
    ],
    [
      "copies latest where no tag is told and the registry has it",
      found("quay.io/a/b", { certainty: "likely", tagUntold: true }),
      { confirm: (reference) => Promise.resolve(reference === "quay.io/a/b") },
      [["mirror.test/p/a/b"], []],
    ],
    [
      "moves the host of a reference without a tag",
      found("quay.io/a/b:"),
      {},
      [["mirror.test/p/a/b: (incomplete)"], ["INVALID_REFERENCE"]],
    ],
    [
      "moves the host before a placeholder",
      found("quay.io/a/b:${TAG}"),
      {},
      [["mirror.test/p/a/b:${TAG} (incomplete)"], ["INVALID_REFERENCE"]],
    ],
    [
      "does not move what stands in the mirror, be it no reference",
      found("mirror.test/p/a/b:4.5980468e+07"),
      {},
      [[], ["INVALID_REFERENCE"]],
    ],
    [
      "warns of a value that is not known yet",
      found("quay.io/a/b:pulumi-unknown-0"),
      {},
      [["mirror.test/p/a/b:pulumi-unknown-0"], ["IMAGE_DEPENDS_ON_UNKNOWN"]],
    ],
  ])("%s", async (_, image, more, expected) => expect(await outcome(image, more)).toEqual(expected));
});

test.each<[string, Partial<ReplacementOptions>, RegExp]>([
  ["programs", {}, /Name the whole image in extraImages$/],
  ["the command line", { words: COMMAND_LINE_WORDS }, /Name the whole image in --extra-image$/],
])("a finding gives advice in the words of %s, and names its place", async (_, more, advice) => {
  const { findings } = await requiredReplacements([found("${REGISTRY}/b:1")], { ...options, ...more });
  expect(findings[0]?.message).toMatch(/^"\$\{REGISTRY\}\/b:1" in \S+ \S+ at \S+ is no image reference yet/);
  expect(findings[0]?.message).toMatch(advice);
});

it("says how to write an image that kustomize looks for", async () => {
  const { findings } = await requiredReplacements([found("quay.io/a/b:1", { isLookedFor: true })], options);
  expect(findings[0]?.message).toContain('Write "quay.io/a/b=mirror.test/p/a/b:1" there and name quay.io/a/b:1 in');
});
