import { execFileSync } from "node:child_process";
import { join } from "node:path";

test("a program that uses no ECR does not load @pulumi/aws", () => {
  const program = `
    require("./src/index.ts");
    process.stdout.write(JSON.stringify(Object.keys(require.cache).filter((file) => /@pulumi.(aws|azure)/.test(file))));
  `;
  const args = ["--require", "./test/support/typescript.js", "-e", program];
  const loaded = execFileSync(process.execPath, args, { cwd: join(__dirname, "../.."), encoding: "utf8" });
  expect(JSON.parse(loaded)).toEqual([]);
});
