import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** What Node.js warns of when these rejections are handled only after it has seen them. */
function warningsOf(body: string): string[] {
  const program = `
    const { quietLateRejections } = require("./src/inputs/lateRejections.ts");
    const { MirrorError } = require("./src/error.ts");
    process.on("unhandledRejection", () => undefined);
    const warnings = [];
    process.on("warning", ({ name }) => warnings.push(name));
    const late = (error) => {
      const promise = Promise.reject(error);
      setImmediate(() => promise.catch(() => undefined));
    };
    ${body}
    process.on("beforeExit", () => process.stdout.write(JSON.stringify(warnings)));
  `;
  const args = ["--require", "./test/support/typescript.js", "--no-warnings", "-e", program];
  const cwd = join(__dirname, "../..");
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: "utf8" })) as string[];
}

const WARNING = "PromiseRejectionHandledWarning";

it.each<[string, string, string[]]>([
  ["before anything has failed", `late(new Error("theirs"));`, [WARNING]],
  [
    "of what has been reported",
    `const error = new Error("told"); quietLateRejections(error); late(error); late(error);`,
    [],
  ],
  ["of errors of this package", `quietLateRejections(new Error("told")); late(new MirrorError("CODE", "failed"));`, []],
  [
    "of others all the same",
    `quietLateRejections(new Error("told")); late(new Error("theirs")); late("a text");`,
    [WARNING, WARNING],
  ],
  [
    "of none where somebody else listens",
    `process.on("rejectionHandled", () => undefined); quietLateRejections(new Error("told")); late(new Error("theirs"));`,
    [],
  ],
])("Node.js warns %s", (_, body, expected) => {
  expect(warningsOf(body)).toEqual(expected);
});
