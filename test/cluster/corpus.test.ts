/** The judge of `npm run corpus`: that it sees what a real API server refuses, and passes a chart that is whole. */
import { join } from "node:path";
import { CorpusCluster } from "../support/corpus/corpusCluster";
import { judgeChart } from "../support/corpus/judgeChart";
import { faultsOf, verdict } from "../support/corpus/judgement";
import { startLocalApiServer, type LocalApiServer } from "../support/providers/kubernetes/localApiServer";
import { parseManifests } from "../support/providers/kubernetes/objects/manifests";
import { ensureTool } from "../support/tools";

jest.setTimeout(900_000);

let server: LocalApiServer;
let cluster: CorpusCluster;
beforeAll(async () => {
  server = await startLocalApiServer();
  cluster = new CorpusCluster(server.api);
});
afterAll(() => server?.stop());

it("passes a chart with its version in labels, selectors and claim templates", async () => {
  const id = "version-in-immutable-places";
  const folder = join(__dirname, "../chart/charts", id);
  const report = await judgeChart(
    { id, folder, values: [] },
    {
      helm: await ensureTool("helm"),
      mirror: "mirror.example.com",
      secret: "mirror-pull",
      askServer: (renders) => cluster.judge(renders, "whole"),
    },
  );
  expect(report).toMatchObject({ verdict: "works", faults: [], objects: { refusedBefore: 0, unknown: 0 } });
  expect(report.patches).toBeGreaterThan(0);
});

const workload = (label: string, selector: string, image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { chart: "${label}" } }
spec:
  selector: { matchLabels: { app: ${selector} } }
  template:
    metadata: { labels: { app: ${selector} } }
    spec: { containers: [{ name: main, image: ${image} }] }
---
apiVersion: example.com/v1
kind: Unknown
metadata: { name: other }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: Not_A_Name }
`;

test.each([
  ["a label that is none", "1.0.0+abc", "web", "refused"],
  ["a selector that changes", "1.0.0", "web2", "upgrade"],
])("sees %s, and not what was refused before", async (name, label, selector, what) => {
  const before = parseManifests(workload("1.0.0", "web", "nginx"));
  const after = parseManifests(workload(label, selector, "mirror.example.com/nginx"));
  const answers = await cluster.judge({ before, install: after, upgrade: after }, name.replaceAll(" ", "-"));
  const faults = faultsOf({ findings: [], outside: [], withoutSecret: [], server: answers });
  expect(faults).toMatchObject([{ what, object: "Deployment web", explained: false }]);
  expect(answers.install).toMatchObject({ unknown: 1, asked: 2 });
  expect(verdict(faults)).toBe("silent");
});
