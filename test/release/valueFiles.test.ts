import * as pulumi from "@pulumi/pulumi";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownNow } from "../../src/inputs/knownNow";
import { readValueFiles } from "../../src/release/valueFiles";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "value-files-"));
  writeFileSync(join(folder, "values.yaml"), "image: { tag: '1', pullPolicy: Always }\nlist: [a, b]\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (): pulumi.asset.Asset => new pulumi.asset.FileAsset(join(folder, "values.yaml"));
const text = (yaml: string): pulumi.asset.Asset => new pulumi.asset.StringAsset(yaml);

describe("value files", () => {
  it("are merged as Helm merges them", async () => {
    const merged = { image: { tag: "2", pullPolicy: "Always" }, list: ["c"] };
    expect((await readValueFiles([file(), text("image: { tag: '2' }\nlist: [c]"), text("")])).values).toEqual(merged);
  });

  it("hold values of their own where an alias shares them, in the first document alone", async () => {
    const { values } = await readValueFiles([text("a: &a {x: {w: 1}}\nb: *a\n---\nc: 1\n")]);
    expect(values).toEqual({ a: { x: { w: 1 } }, b: { x: { w: 1 } } });
    expect((values.a as { x: unknown }).x).not.toBe((values.b as { x: unknown }).x);
  });

  it("are read also where they have been inside an Output, which takes their class from them", async () => {
    const files = await knownNow(pulumi.output([file(), text("list: []")]), "files");
    expect((await readValueFiles(files)).values).toEqual({ image: { tag: "1", pullPolicy: "Always" }, list: [] });
  });

  it.each<[string, pulumi.asset.Asset | pulumi.asset.Archive, RegExp]>([
    ["that is not there", new pulumi.asset.FileAsset("/nowhere/values.yaml"), /\/nowhere\/values\.yaml.*no such file/],
    ["that is no YAML", text("a: ["), /\(text\)/],
    ["without a map at its top", text("[1]"), /not a map/],
    ["that is an archive", new pulumi.asset.FileArchive("/nowhere"), /only FileAsset and StringAsset/],
  ])("refuse one %s", async (_, asset, message) => {
    await expect(readValueFiles([asset])).rejects.toMatchObject({
      code: "INVALID_VALUES_FILE",
      message: expect.stringMatching(message) as string,
    });
  });
});
