import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { main } from "../../src/cli/main";
import { chartYaml, temporaryFolder, writeFiles } from "../chart/chartOnDisk";
import { rawArchive, rawTar, type RawEntry } from "../chart/rawArchive";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

const CHART_YAML = { name: "app/Chart.yaml", data: chartYaml("app") };
/** No value reaches the image: it is patched in a copy of the chart, for which the sub-chart is unpacked. */
const pod = (host: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: r}\nspec:\n  containers:\n    - {name: r, image: "${host}/team/app:1"}\n`;

describe("chart-mirror with a stranger's chart", () => {
  let source: TestRegistry;
  let mirror: TestRegistry;
  let work: string;
  let victim: string;
  const before = { HELM: process.env.HELM, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };

  beforeAll(async () => {
    process.env.HELM = await ensureTool("helm");
    [source, mirror] = await Promise.all([startRegistry(), startRegistry()]);
    await pushImage(source, "team/app:1", makeImage());
  }, 600_000);
  beforeEach(async () => {
    work = await temporaryFolder();
    process.env.XDG_CACHE_HOME = join(work, "cache");
    victim = join(work, "victim");
    await mkdir(victim);
    const registries = [source, mirror].map(({ host }) => `- {host: "${host}", plainHttp: true}\n`);
    await writeFile(join(work, "registries.yaml"), registries.join(""));
    await writeFile(join(victim, "bashrc"), "original");
  });
  afterAll(async () => {
    Object.assign(process.env, before);
    for (const [name, value] of Object.entries(before)) if (value === undefined) delete process.env[name];
    await Promise.all([source.close(), mirror.close()]);
  });

  async function run(...args: string[]): Promise<{ code: number; err: string }> {
    let err = "";
    const code = await main(args, { out: () => undefined, err: (text) => (err += text) });
    return { code, err };
  }

  const reach = (): string[] => ["--to", `${mirror.host}/p`, "--registries", join(work, "registries.yaml")];
  const commands: [string, () => string[]][] = [
    ["plan", reach],
    ["lock", () => [...reach(), "--lock-file", join(work, "lock.json")]],
    ["values", () => [...reach(), "--chart-out", join(work, "out")]],
    ["push-chart", reach],
  ];

  /** A chain of links, each inside by its text, that together lead to the victim. */
  function overwriting(last: string): RawEntry[] {
    const folders = Array.from({ length: 30 }, (_, i) => `d${i}`).join("/");
    const up = `../${folders}/z/${"../".repeat(28)}${join(victim, "bashrc").slice(1)}`;
    return [
      CHART_YAML,
      { name: `app/${folders}/z`, type: "2", link: `${"../".repeat(30)}.` },
      { name: "app/templates/deploy.yaml", type: "2", link: up },
      { name: last, data: pod(source.host) },
    ];
  }

  it.each(commands)(
    "%s leaves the user's files as they are, whatever an archive's links lead to",
    async (command, options) => {
      for (const last of ["app\\templates\\deploy.yaml", "app/templates/deploy.yaml"]) {
        const hostile = rawArchive(overwriting(last));
        const outer = rawArchive([CHART_YAML, { name: "app/charts/sub.tgz", data: hostile }]);
        for (const [name, archive] of [
          ["root.tgz", hostile],
          ["outer.tgz", outer],
        ] as const) {
          await writeFile(join(work, name), archive);
          const { code, err } = await run(command, join(work, name), ...options());
          if (last.includes("\\"))
            expect([code, err]).toEqual([2, expect.stringContaining("has a backslash in its name")]);
          else expect(err).not.toContain("internal");
          expect(await readFile(join(victim, "bashrc"), "utf8")).toBe("original");
          expect(await readdir(victim)).toEqual(["bashrc"]);
          await rm(join(work, "out"), { recursive: true, force: true });
        }
      }
    },
  );

  it.each(commands)("%s brings in nothing that a link in a folder leads to", async (command, options) => {
    const chart = await writeFiles({ "Chart.yaml": chartYaml("app"), "templates/a.yaml": pod(source.host) });
    await symlink(join(victim, "bashrc"), join(chart, "templates/notes.txt"));
    const { code, err } = await run(command, chart, ...options());
    expect([code, err]).toEqual([2, expect.stringContaining('its link "templates/notes.txt" leads out of the chart')]);
    expect(await readdir(work)).not.toContain("out");
  });

  it("reads a folder that has an archive's name, and an archive that has none, and says so of what is neither", async () => {
    const entries = [CHART_YAML, { name: "app/templates/a.yaml", data: pod(source.host) }];
    await writeFile(join(work, "archive"), rawArchive(entries));
    await mkdir(join(work, "folder.tgz/templates"), { recursive: true });
    for (const { name, data } of entries) await writeFile(join(work, name.replace("app", "folder.tgz")), data);
    for (const [command, options] of commands)
      for (const name of ["archive", "folder.tgz"]) {
        const { err } = await run(command, join(work, name), ...options());
        expect([command, name, err]).not.toEqual([command, name, expect.stringMatching(/^error/m)]);
        await rm(join(work, "out"), { recursive: true, force: true });
      }
    await mkdir(join(work, "empty.tgz"));
    expect((await run("images", join(work, "empty.tgz"))).err).toContain("it has no Chart.yaml");
    await mkdir(join(work, "folder.tgz/charts/sub.tgz"), { recursive: true });
    await writeFile(join(work, "folder.tgz/charts/sub.tgz/Chart.yaml"), chartYaml("sub"));
    expect((await run("images", join(work, "folder.tgz"))).err).toContain("charts/sub.tgz is a folder");
  });

  it("ends at what unpacks without end", async () => {
    // Entries that are passed over, and little but zeros, so that it packs well.
    const entry = rawTar([{ name: "app/device", type: "3", data: Buffer.alloc(2 ** 20) }]).subarray(0, -1024);
    const tar = Buffer.concat([rawTar([CHART_YAML]).subarray(0, 1024), ...Array<Buffer>(101).fill(entry)]);
    await writeFile(join(work, "bomb.tgz"), gzipSync(tar, { level: 1 }));
    const { code, err } = await run("plan", join(work, "bomb.tgz"), "--to", `${mirror.host}/p`);
    expect([code, err]).toEqual([2, expect.stringContaining("unpacks to more than 104857600 bytes")]);
  });
});
