// Analyses a chart as `chart-mirror values CHART --chart-out` and `pulumi up` do: `CHART`, with helm in HELM. Tells the seconds that
// this takes in a program that runs already, and how often helm rendered the chart.
const { openChart } = require("../../dist/cli/analysis/analysis");
const { relocate } = require("../../dist/cli/analysis/relocation");

const nothing = { values: [], set: [], apiVersions: [], extraImage: [], ignoreImage: [] };
const options = {
  ...nothing,
  releaseName: "web",
  namespace: "default",
  to: { host: "mirror.example.com", path: "team" },
};

async function main() {
  const begin = process.hrtime.bigint();
  const opened = await openChart(process.argv[2], options);
  const { renders, findings, images } = await relocate(opened, options, true);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  await opened.close();
  if (images.length === 0 || findings.some(({ severity }) => severity === "escape"))
    throw new Error(`not every image was moved: ${JSON.stringify(findings.slice(0, 3))}`);
  console.log(JSON.stringify({ seconds, renders }));
}

void main();
