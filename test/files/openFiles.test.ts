import { execFileSync } from "node:child_process";

/** Opens as many files as this process may, then makes a call, and prints how it failed. */
const SCRIPT = `
  const { helmCommand } = require("./src/chart/render/helmCommand");
  const { askCredentialHelper } = require("./src/oci/auth/credentialHelper");
  const { TemporaryFolder } = require("./src/files/temporaryFolder");
  const { writeOutputFile } = require("./src/files/outputFile");
  const { fileAccessError } = require("./src/files/fileError");
  const { openSync } = require("node:fs");
  const calls = {
    helm: () => helmCommand(process.execPath, { chart: "x", releaseName: "r", namespace: "d" })({}),
    helper: () => askCredentialHelper("test", "r.io", { PATH: "/" }),
    output: () => writeOutputFile(process.argv[2], "text", { what: "the values" }),
  };
  const call = calls[process.argv[1]];
  try { for (;;) openSync("/dev/null", "r"); } catch {}
  call().then(
    () => process.stdout.write("done"),
    (error) => process.stdout.write((fileAccessError(error) ?? error).message),
  );`;

describe("a process that may open no more files", () => {
  it.each([
    ["helm", /^rendering chart x with .* failed: EMFILE: this process has as many files open as it may .*ulimit -n/],
    ["helper", /^The credential helper docker-credential-test failed for r\.io: it could not be run: EMFILE: /],
    ["output", /EMFILE: this process has as many files open as it may .*ulimit -n/],
  ])("says so, and what to do: %s", (call, message) => {
    const node = [process.execPath, "--require", "./test/support/typescript.js", "-e", SCRIPT, call];
    const output = execFileSync("sh", ["-c", 'ulimit -n 128; "$@"', "-", ...node, `/tmp/chart-mirror-${process.pid}`], {
      stdio: "pipe",
    });
    expect(output.toString()).toMatch(message);
  });
});
