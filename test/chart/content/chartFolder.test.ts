import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readChartFolder, UnsafeLinkError } from "../../../src/chart/content/chartFolder";
import { CHART_LIMITS, ChartBudget, type ChartLimits } from "../../../src/chart/content/chartLimits";
import { readChart } from "../../../src/chart/content/chartFiles";
import { chartYaml, writeFiles } from "../chartOnDisk";

/** The files of the chart in `chart/` of a folder, with their texts. */
async function filesOf(folder: string, limits: Partial<ChartLimits> = {}): Promise<Record<string, string>> {
  const files = await readChartFolder(join(folder, "chart"), new ChartBudget("chart", { ...CHART_LIMITS, ...limits }));
  return Object.fromEntries(files.map(({ path, data }) => [path, data.toString()]));
}

const CHART = { "chart/Chart.yaml": "c", "shared/Chart.yaml": "s", "secret.txt": "s3cr3t" };

describe("links in a chart's folder", () => {
  it("are followed to files and folders inside of it", async () => {
    const folder = await writeFiles({ ...CHART, "chart/lib/a.tpl": "a" });
    await symlink("lib", join(folder, "chart/b"));
    await symlink("b/a.tpl", join(folder, "chart/c.tpl"));
    expect(await filesOf(folder)).toEqual({ "Chart.yaml": "c", "b/a.tpl": "a", "c.tpl": "a", "lib/a.tpl": "a" });
  });

  it.each([
    ["a file", "x.txt", "../secret.txt"],
    ["a folder", "charts", "../shared"],
    ["an absolute place", "passwd", "/etc/passwd"],
    ["Helm's rules of what to ignore", ".helmignore", "../secret.txt"],
    ["a device", ".helmignore", "/dev/zero"],
  ])("are refused where they lead out, to %s", async (_, link, target) => {
    const folder = await writeFiles(CHART);
    await symlink(target, join(folder, "chart", link));
    await expect(filesOf(folder)).rejects.toThrow(UnsafeLinkError);
    await expect(filesOf(folder)).rejects.toThrow(`its link "${link}" leads out of the chart`);
  });

  it("are refused where only the second of two leads out", async () => {
    const folder = await writeFiles({ ...CHART, "chart/a/x": "" });
    await symlink("../../secret.txt", join(folder, "chart/a/y"));
    await symlink("a/y", join(folder, "chart/z"));
    await expect(filesOf(folder)).rejects.toMatchObject({ code: "UNSAFE_LINK", link: "a/y" });
  });

  it("may lead to what the git work tree of the chart shares, but not into .git", async () => {
    const folder = await writeFiles({ ...CHART, ".git/config": "s3cr3t" });
    await mkdir(join(folder, "chart/charts"));
    await symlink("../../shared", join(folder, "chart/charts/shared"));
    expect(await filesOf(folder)).toEqual({ "Chart.yaml": "c", "charts/shared/Chart.yaml": "s" });
    await symlink("../.git/config", join(folder, "chart/x"));
    await expect(filesOf(folder)).rejects.toThrow('its link "x" leads out of the chart');
  });

  it("do not make a work tree larger than the one that the chart lies in", async () => {
    const folder = await writeFiles({ ...CHART, ".git/HEAD": "", "chart/.git": "gitdir: elsewhere" });
    await symlink("../secret.txt", join(folder, "chart/x"));
    await expect(filesOf(folder)).rejects.toThrow(UnsafeLinkError);
  });

  it("are not looked at where .helmignore names them, and nothing where they lead nowhere", async () => {
    const folder = await writeFiles({ ...CHART, "chart/.helmignore": "venv/\nx.txt\n.helmignore\n" });
    await symlink("/usr/bin", join(folder, "chart/venv"));
    await symlink("../secret.txt", join(folder, "chart/x.txt"));
    await symlink("nowhere", join(folder, "chart/y"));
    expect(await filesOf(folder)).toEqual({ "Chart.yaml": "c" });
  });

  it.each([
    ["to itself", "x", "leads to itself"],
    ["to the folder that it lies in", ".", "leads to a folder that it lies in"],
  ])("are refused %s", async (_, target, problem) => {
    const folder = await writeFiles(CHART);
    await symlink(target, join(folder, "chart/x"));
    await expect(filesOf(folder)).rejects.toThrow(`its link "x" ${problem}`);
  });

  it("end where two folders lead to each other, or many to the same", async () => {
    const circle = await writeFiles({ ...CHART, "chart/a/f": "", "chart/b/f": "" });
    await symlink("../b", join(circle, "chart/a/x"));
    await symlink("../a", join(circle, "chart/b/y"));
    await expect(filesOf(circle)).rejects.toThrow("leads to a folder that it lies in");
    const fans = await writeFiles(CHART);
    for (let i = 0; i < 12; i++) {
      await mkdir(join(fans, `chart/d${i}`));
      for (let k = 0; k < 4; k++) await symlink(`../d${i + 1}`, join(fans, `chart/d${i}/l${k}`));
    }
    await mkdir(join(fans, "chart/d12"));
    await expect(filesOf(fans, { entries: 500 })).rejects.toThrow("more than 500 files and folders");
  });
});

describe("a chart's folder", () => {
  it("has limits of one file, of all files and of entries", async () => {
    const folder = await writeFiles({ "chart/a/b": "12345", "chart/c": "12345" });
    await expect(filesOf(folder, { file: 4 })).rejects.toThrow("its file a/b is larger than 4 bytes");
    await expect(filesOf(folder, { unpacked: 9 })).rejects.toThrow("more than 9 bytes");
    await expect(filesOf(folder, { entries: 2 })).rejects.toThrow("more than 2 files and folders");
    expect(await filesOf(folder, { file: 5, unpacked: 10, entries: 3 })).toEqual({ "a/b": "12345", c: "12345" });
  });

  it("has a limit of its .helmignore, and of what its rules take", async () => {
    const folder = await writeFiles({ "chart/.helmignore": "*a\n".repeat(100), "chart/aaaaaaaaab": "" });
    await expect(filesOf(folder, { ignoreFile: 299 })).rejects.toThrow(".helmignore is larger than 299 bytes");
    await expect(filesOf(folder, { ignoring: 1000 })).rejects.toThrow("too many and too long rules for its files");
    await writeFile(join(folder, "chart/.helmignore"), "*a\n".repeat(20_000));
    for (let i = 0; i < 60; i++) await writeFile(join(folder, `chart/${i}${"a".repeat(240)}b`), "");
    await expect(filesOf(folder, { ignoring: 100_000_000 })).rejects.toMatchObject({ code: "CHART_TOO_LARGE" });
  });

  it("has no file of git's, and follows no link out of it there either", async () => {
    const folder = await writeFiles({ ...CHART, "chart/.git/config": "s3cr3t", "chart/charts/x/.GIT": "gitdir: y" });
    expect(await filesOf(folder)).toEqual({ "Chart.yaml": "c" });
    await symlink("../../secret.txt", join(folder, "chart/.git/x"));
    await expect(filesOf(folder)).rejects.toThrow('its link ".git/x" leads out of the chart');
  });

  it("is refused with a name that is no text: Helm would follow a link of that name", async () => {
    const folder = await writeFiles(CHART);
    const name = Buffer.concat([Buffer.from(join(folder, "chart/x")), Buffer.from([0xff])]);
    await symlink("../secret.txt", name);
    await expect(filesOf(folder)).rejects.toMatchObject({ code: "UNSAFE_NAME" });
    await expect(filesOf(folder)).rejects.toThrow("it is no UTF-8");
  });

  it("has plain files alone", async () => {
    const folder = await writeFiles(CHART);
    execFileSync("mkfifo", [join(folder, "chart/pipe")]);
    await expect(filesOf(folder)).rejects.toThrow('its "pipe" is no plain file');
    await writeFile(join(folder, "chart/.helmignore"), "pipe\n");
    expect(Object.keys(await filesOf(folder))).toEqual([".helmignore", "Chart.yaml"]);
  });

  it("may have the name of an archive, and be a link itself", async () => {
    const folder = await writeFiles({ "x.tgz/Chart.yaml": chartYaml("x") });
    await symlink("x.tgz", join(folder, "y"));
    expect((await readChart(join(folder, "x.tgz"))).metadata.name).toBe("x");
    expect((await readChart(join(folder, "y"))).metadata.name).toBe("x");
  });
});
