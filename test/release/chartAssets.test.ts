import * as pulumi from "@pulumi/pulumi";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryFiles, withAssetTexts } from "../../src/release/chartAssets";

const known = <T>(input: pulumi.Input<T>): Promise<T> =>
  (pulumi.output(input) as unknown as { promise(): Promise<T> }).promise();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chart-assets-"));
  writeFileSync(join(folder, "notes.txt"), "from a file");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("assets among a chart's values", () => {
  it("stand for their content wherever they are; everything else stays as it is", async () => {
    const values = {
      plain: { number: 1, none: null, list: ["a", new pulumi.asset.StringAsset("text")] },
      notes: new pulumi.asset.FileAsset(join(folder, "notes.txt")),
      later: pulumi.output({ deep: new pulumi.asset.StringAsset("inside an output") }),
      hidden: pulumi.secret("password"),
    };
    const replaced = withAssetTexts(values);
    expect(await known<unknown>(replaced)).toEqual({
      plain: { number: 1, none: null, list: ["a", "text"] },
      notes: "from a file",
      later: { deep: "inside an output" },
      hidden: "password",
    });
    expect(await pulumi.isSecret(replaced.hidden)).toBe(true);
  });

  it.each<[string, pulumi.asset.Asset, RegExp]>([
    ["a file that is not there", new pulumi.asset.FileAsset("/nowhere/notes.txt"), /no such file/],
    ["an address", new pulumi.asset.RemoteAsset("https://example.com/notes"), /only FileAsset and StringAsset/],
  ])("fail when they cannot be read: %s", async (_, asset, reason) => {
    const text = withAssetTexts({ asset }).asset as unknown as Promise<string>;
    const failure: unknown = await text.catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "UNREADABLE_ASSET", message: expect.stringMatching(reason) as string });
  });
});

describe("the repository of a chart", () => {
  it("has paths for its assets, in files that nobody else can read", async () => {
    const opts = await known(
      repositoryFiles(
        {
          repo: "https://charts.example.com",
          caFile: new pulumi.asset.FileAsset("ca.pem"),
          keyFile: pulumi.secret(new pulumi.asset.StringAsset("key")),
        },
        undefined,
      ),
    );
    expect(opts).toMatchObject({ repo: "https://charts.example.com", caFile: "ca.pem" });
    const key = (opts as { keyFile: string }).keyFile;
    expect(readFileSync(key, "utf8")).toBe("key");
    expect(statSync(key).mode & 0o077).toBe(0);
  });

  it.each<[object | undefined, boolean | undefined, object | undefined]>([
    [undefined, undefined, undefined],
    [undefined, true, { plainHttp: true }],
    [{ username: "ada" }, false, { username: "ada", plainHttp: false }],
  ])("%j with plainHttp %j is %j", async (opts, plainHttp, expected) => {
    expect(await known(repositoryFiles(opts, plainHttp))).toEqual(expected);
  });
});
