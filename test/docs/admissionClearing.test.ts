/** What docs/admission.md has people delete after a state was lost is what the code writes: kinds, names, labels and annotations. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  admissionBindings,
  admissionPolicies,
  admittedCluster,
  admittedNamespace,
  clusterBindings,
} from "../../src/kubernetes/admission/admissionObjects";
import { AdmissionMode } from "../../src/kubernetes/admission/admissionMode";
import { MUTATING_VERSIONS } from "../../src/kubernetes/admission/mutatingPolicy";
import { admissionParameters } from "../../src/kubernetes/admission/parameters";
import { LEDGER_ANNOTATION } from "../../src/kubernetes/contribution/ledger";

const MODES = Object.values(AdmissionMode);
const page = readFileSync(join(__dirname, "../../docs/admission.md"), "utf8");
const [, section = ""] = /^## After a state was lost\n([^]*?)^## /m.exec(page) ?? [];
const commands = [...section.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = ""]) => block.trim().split("\n"));

const parameters = admissionParameters({
  mirror: { host: "r.test", path: "p" },
  layout: { upstreams: [{ upstream: "quay.io", path: "quay" }] },
  exceptions: ["ghcr.io/*"],
  images: [{ source: "docker.io/library/nginx:1", target: "r.test/p/library/nginx:1" }],
  upstreams: ["docker.io"],
  pullSecrets: ["pull"],
});
/** Labels and annotations of an object as it is contributed. */
function marksOf({ content }: ReturnType<typeof admittedNamespace>): { labels: string[]; annotations: string[] } {
  const { labels, annotations } = content.metadata as { labels: object; annotations: object };
  return { labels: Object.keys(labels), annotations: Object.keys(annotations) };
}

it("names every kind of policy and binding, and the beginning of their names", () => {
  const objects = MODES.flatMap((mode) =>
    MUTATING_VERSIONS.flatMap((version) => [
      ...admissionPolicies(mode, version),
      ...admissionBindings(mode, version),
      ...clusterBindings(mode, version, ["tools"]),
    ]),
  );
  const plural = (kind: string): string => kind.toLowerCase().replace(/y$/, "ie") + "s";
  const deleted = commands.flatMap(
    (line) => /^kubectl get (\w+) -o name \| grep \/chart-mirror- \| xargs -r kubectl delete$/.exec(line)?.[1] ?? [],
  );
  expect(new Set(deleted)).toEqual(new Set(objects.map(({ kind }) => plural(kind))));
  // What uses a policy goes before it.
  expect(deleted).toEqual(
    deleted.map((kind, i) => (i % 2 === 0 ? `${deleted[i + 1]?.replace(/ies$/, "y")}bindings` : kind)),
  );
  for (const { name } of objects) expect(name).toMatch(/^chart-mirror-[0-9a-f]{12}(?:-|$)/);
});

it("names every label of namespaces", () => {
  const removed = (line: RegExp): string[] =>
    commands
      .filter((command) => line.test(command))
      .flatMap((command) => command.match(/(?<= )pulumi-chart-mirror\/[\w-]+(?=-(?: |$))/g) ?? []);
  expect(removed(/^kubectl label namespaces --all /).sort()).toEqual(
    MODES.flatMap((mode) => marksOf(admittedNamespace("shop", mode, parameters)).labels).sort(),
  );
  const { name } = admittedCluster(AdmissionMode.Deny, parameters, []);
  expect(removed(new RegExp(`^kubectl label namespace ${name} `)).sort()).toEqual(
    MODES.flatMap((mode) => marksOf(admittedCluster(mode, parameters, [])).labels).sort(),
  );
});

it("finds every annotation of namespaces", () => {
  const [line = ""] = commands.filter((command) => command.endsWith("kubectl annotate namespace"));
  const beginnings = [...line.matchAll(/startswith\("([^"]+)"\)/g)].map(([, text = ""]) => text);
  const written = MODES.flatMap((mode) => [
    ...marksOf(admittedNamespace("shop", mode, parameters)).annotations,
    ...marksOf(admittedCluster(mode, parameters, ["tools"])).annotations,
  ]);
  expect(written.filter((key) => !beginnings.some((beginning) => key.startsWith(beginning)))).toEqual([]);
  expect(beginnings.filter((beginning) => !written.some((key) => key.startsWith(beginning)))).toEqual([]);
  expect(line).toContain(`. == "${LEDGER_ANNOTATION}"`);
  expect(section).toContain(`the annotation \`${LEDGER_ANNOTATION}\``);
});
