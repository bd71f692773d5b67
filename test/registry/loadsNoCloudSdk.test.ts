import { execFileSync } from "node:child_process";
import { join } from "node:path";

test("the package loads no SDK of a cloud, and nothing else that only some programs need", () => {
  const program = `
    require("./src/index.ts");
    process.stdout.write(JSON.stringify(Object.keys(require.cache).filter((file) => /@pulumi.(aws|azure|docker)|@kubernetes.client-node/.test(file))));
  `;
  const args = ["--require", "./test/support/typescript.js", "-e", program];
  const loaded = execFileSync(process.execPath, args, { cwd: join(__dirname, "../.."), encoding: "utf8" });
  expect(JSON.parse(loaded)).toEqual([]);
});
