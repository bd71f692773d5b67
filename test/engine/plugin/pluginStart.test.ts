/** What the plugin loads before anything is asked of it, which is most of what its start takes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { checkout } from "../../support/engine/projectFolder";

/** Ends the plugin when it tells its port, and says which modules it has loaded until then. */
const HOOK = `
  const { writeFileSync } = require("node:fs");
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text, ...rest) => {
    if (!/^\\d+\\s*$/.test(String(text))) return write(text, ...rest);
    writeFileSync(process.env.LOADED, JSON.stringify(Object.keys(require.cache)));
    process.exit(0);
  };
`;

let loaded: string[];
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "plugin-start-"));
  try {
    const [hook, list] = [join(folder, "hook.js"), join(folder, "loaded.json")];
    writeFileSync(hook, HOOK);
    const plugin = join(checkout, "plugin/pulumi-resource-chart-mirror");
    execFileSync(process.execPath, ["--require", hook, plugin, "127.0.0.1:1"], {
      env: { ...process.env, LOADED: list },
      timeout: 60_000,
    });
    loaded = (JSON.parse(readFileSync(list, "utf8")) as string[]).map((file) =>
      relative(checkout, file).split(sep).join("/"),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("serves resources of its own", () => {
  expect(loaded).toEqual(expect.arrayContaining(["dist/plugin/main.js", "dist/copy/imageCopyProvider.js"]));
});

it("analyses no schema", () => {
  // The compiler itself is loaded by the SDK, for whatever a program may serialize.
  expect(loaded.filter((file) => /\/provider\/experimental\/|\/plugin\/facade/.test(file))).toEqual([]);
});

it("leaves components, charts and the SDKs of clouds to the first component", () => {
  expect(loaded.filter((file) => /^dist\/(components|chart|cli|plugin\/construct)\b/.test(file))).toEqual([]);
  const { peerDependencies } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
    peerDependencies: object;
  };
  const there = Object.keys(peerDependencies).filter((name) =>
    loaded.some((file) => file.startsWith(`node_modules/${name}/`)),
  );
  expect(there).toEqual(["@pulumi/pulumi"]);
});
