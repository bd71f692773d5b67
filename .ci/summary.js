// Prints "N passed, N failed" over jest's JSON reports in a folder, and exits 1 on any failure.
const { existsSync, readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const [folder, failedChecks] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedChecks);
const expected = ["test.json"];
if (existsSync("/etc/debian_version")) expected.push("frontend.json");
if (process.platform === "linux" && process.getuid?.() === 0) expected.push("cluster.json");
const present = readdirSync(folder);
for (const name of expected) {
  if (!present.includes(name)) {
    console.log(`${name} is missing: the suite did not run`);
    failed += 1;
    continue;
  }
  const report = JSON.parse(readFileSync(join(folder, name), "utf8"));
  passed += report.numPassedTests;
  // A file that does not load runs none of its tests; a skipped test proves nothing.
  for (const { name: file, status, assertionResults } of report.testResults) {
    if (status === "failed" && assertionResults.length === 0) console.log(`not loaded: ${file}`);
    for (const test of assertionResults)
      if (test.status !== "passed") console.log(`${test.status}: ${file}: ${test.fullName}`);
  }
  failed += report.numFailedTests + report.numRuntimeErrorTestSuites + report.numPendingTests;
  if (report.numTotalTests === 0) failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
