import { registryFindings } from "../../../src/chart/describe/registryFindings";
import { registryMentions } from "../../../src/chart/find/registryMentions";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";

const config = (registry: string) =>
  parseManifests(`{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {REGISTRY: ${registry}}}`);
const before = config("quay.io");
const mirror = { host: "mirror.test", path: "p" };

describe("registryFindings", () => {
  test.each([
    ["moves", config("mirror.test/p"), {}, ["REGISTRY of ConfigMap c): it moves into the mirror"]],
    ["stays", config("quay.io"), {}, ["REGISTRY of ConfigMap c): it stays as it is"]],
    ["is allowed", config("quay.io"), { ignoreImages: ["quay.io"] }, []],
  ])("says of a registry alone that it %s", (_, after, more, expected) => {
    const findings = registryFindings(registryMentions(before, [], {}), before, after, { mirror, ...more });
    expect(findings.map(({ severity }) => severity)).toEqual(expected.map(() => "warning"));
    expected.forEach((text, i) => expect(findings[i]?.message).toContain(text));
  });

  it("says nothing of the mirror itself", () => {
    const there = config("quay.io");
    const findings = registryFindings(registryMentions(there, [], {}), there, there, { mirror: { host: "quay.io" } });
    expect(findings).toEqual([]);
  });
});
