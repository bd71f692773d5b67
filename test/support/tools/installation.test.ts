import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installationFolder, installOnce, type Installation } from "./installation";
import { ToolError } from "./toolError";

let cache: string;
beforeEach(() => (cache = mkdtempSync(join(tmpdir(), "installation-"))));
afterEach(() => rmSync(cache, { recursive: true }));

function countingInstallation(change: Partial<Installation> = {}): {
  installation: Installation;
  installs: () => number;
} {
  let installs = 0;
  const installation: Installation = {
    name: "hammer",
    version: "1.2.3",
    recipe: ["flags"],
    duration: "a moment",
    install: async (folder) => {
      installs += 1;
      await sleep(20);
      writeFileSync(join(folder, "hammer"), "steel");
    },
    ...change,
  };
  return { installation, installs: () => installs };
}

const silent = (): void => undefined;
const installedFolders = (): string[] => readdirSync(join(cache, "tools"));

test("installs once for callers at the same time and later, and says what it does", async () => {
  const { installation, installs } = countingInstallation();
  const lines: string[] = [];
  const install = () => installOnce(installation, cache, (line) => lines.push(line));
  const folders = await Promise.all([install(), install()]);
  folders.push(await install());
  expect(installs()).toBe(1);
  expect(new Set(folders)).toEqual(new Set([installationFolder(installation, cache)]));
  expect(readFileSync(join(folders[0] ?? "", "hammer"), "utf8")).toBe("steel");
  expect(lines.sort()).toEqual([
    expect.stringMatching(/^installed hammer 1\.2\.3 in \d+ s$/),
    "installing hammer 1.2.3 (about a moment) …",
    `waiting for process ${process.pid}, which installs hammer 1.2.3`,
  ]);
});

test("a failed installation leaves nothing, names the tool and the cause, and can be tried again", async () => {
  let broken = true;
  const { installation } = countingInstallation({
    install: (folder) => {
      writeFileSync(join(folder, "half"), "");
      return broken ? Promise.reject(new Error("no nails")) : Promise.resolve();
    },
  });
  const failure = installOnce(installation, cache, silent);
  await expect(failure).rejects.toThrow(ToolError);
  await expect(failure).rejects.toThrow("hammer 1.2.3 could not be installed: no nails");
  expect(installedFolders()).toEqual([]);
  broken = false;
  expect(existsSync(await installOnce(installation, cache, silent))).toBe(true);
});

test("clears away what a killed process left, and nothing else", async () => {
  const { installation } = countingInstallation();
  const folder = installationFolder(installation, cache);
  const other = `${installationFolder({ ...installation, name: "saw" }, cache)}.unfinished-1`;
  for (const left of [`${folder}.unfinished-1`, other]) mkdirSync(left, { recursive: true });
  await installOnce(installation, cache, silent);
  expect(existsSync(`${folder}.unfinished-1`)).toBe(false);
  expect(existsSync(other)).toBe(true);
});

test.each<[string, Partial<Installation>]>([
  ["version", { version: "1.2.4" }],
  ["recipe", { recipe: ["other flags"] }],
])("a changed %s is another installation", (_, change) => {
  const { installation } = countingInstallation();
  expect(installationFolder({ ...installation, ...change }, cache)).not.toBe(installationFolder(installation, cache));
});
