import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";

const folders: string[] = [];

/** A new folder that goes with the test file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chart-test-"));
  folders.push(folder);
  return folder;
}

/** Writes files, by path, into a new folder and returns it. */
export async function writeFiles(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, ...path.split("/"));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return folder;
}

/** A chart's archive, as `helm package` makes it: one folder, named for the chart, that holds all files. */
export async function chartArchive(name: string, files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const prefixed = Object.fromEntries(Object.entries(files).map(([path, content]) => [`${name}/${path}`, content]));
  const folder = await writeFiles(prefixed);
  const chunks: Buffer[] = [];
  for await (const chunk of create({ cwd: folder, gzip: true, portable: true }, [name])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The least `Chart.yaml`, with more lines where they are given. */
export function chartYaml(name: string, version = "1.0.0", more = ""): string {
  return `apiVersion: v2\nname: ${name}\nversion: ${version}\n${more}`;
}

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
