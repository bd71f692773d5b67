import { scriptRepository } from "../../../src/cli/copy/stackStateScript";

it.each([
  ["stackstate", "https://helm.stackstate.io"],
  ["stackstate-agent", "https://helm.stackstate.io"],
  ["agent_v2.1", "https://helm.stackstate.io"],
  ["stackstate-5.0.0.tgz", undefined],
  ["./stackstate", undefined],
  ["/charts/stackstate", undefined],
  ["charts/stackstate", undefined],
  ["oci://registry.test/charts/stackstate", undefined],
  ["..", undefined],
])("-c %s without -r is looked for in %s", (chart, repository) => {
  expect(scriptRepository(chart)).toBe(repository);
});
