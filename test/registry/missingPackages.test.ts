import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** What becomes of each registry in a project where a package is not installed: `made`, or the code of its error. */
function madeWithout(missing: string): Record<string, string> {
  const program = `
    const Module = require("node:module");
    const resolve = Module._resolveFilename;
    Module._resolveFilename = (request, ...rest) => {
      if (!request.startsWith(${JSON.stringify(missing)})) return resolve(request, ...rest);
      throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: "MODULE_NOT_FOUND" });
    };
    const pulumi = require("@pulumi/pulumi");
    pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name, inputs }) => ({ id: name, state: inputs }) });
    const { AcrRegistry, EcrRegistry } = require("./src/index.ts");
    const attempt = (make) => { try { make(); return "made"; } catch (error) { return error.code; } };
    process.stdout.write(JSON.stringify({
      ecr: attempt(() => new EcrRegistry("a", { registryId: "123456789012", region: "eu-west-1" })),
      acr: attempt(() => new AcrRegistry("b", { registryName: "contoso1", resourceGroupName: "platform" })),
    }));
  `;
  const args = ["--require", "./test/support/typescript.js", "-e", program];
  const cwd = join(__dirname, "../..");
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: "utf8" })) as Record<string, string>;
}

test.each([
  ["@pulumi/azure-native", { ecr: "made", acr: "MISSING_PACKAGE" }],
  ["@pulumi/aws", { ecr: "MISSING_PACKAGE", acr: "made" }],
])("without %s a project has the other registry", (missing, expected) => {
  expect(madeWithout(missing)).toEqual(expected);
});
