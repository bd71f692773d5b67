import { readValues, ValuesFileError } from "../../../src/cli/options/readValues";
import { writeFiles } from "../../chart/chartOnDisk";

async function* input(text: string): AsyncGenerator<string> {
  await Promise.resolve();
  yield text;
}

const read = (given: Parameters<typeof readValues>[0], stdin = "") => readValues(given, input(stdin));

describe("readValues", () => {
  it("merges files as Helm does, standard input among them, and several named at once", async () => {
    const folder = await writeFiles({ "a.yaml": "a: {x: 1, w: 1}\n", "b.yaml": "a: {w: 2}\n---\na: {w: 9}\n" });
    const { values } = await read({ files: [`${folder}/a.yaml,${folder}/b.yaml`, "-"] }, "a: {z: 3}\nb: [1]\n");
    expect(values).toEqual({ a: { x: 1, w: 2, z: 3 }, b: [1] });
  });

  it("applies single values over files, in Helm's order and not in the one in which they stand", async () => {
    const folder = await writeFiles({ "text.txt": "from a file\n" });
    const { values, integers } = await read(
      {
        "--set-literal": ["e={x}"],
        "--set-file": [`d=${folder}/text.txt`, "e=-"],
        "--set-string": ["c=1", "d=1"],
        "--set": ["b=1,f=45980468", "c=2"],
        "--set-json": ["a=[1]", "b=[2]"],
        files: ["-"],
      },
      "a: x\n",
    );
    expect(values).toEqual({ a: [1], b: 1, c: "1", d: "from a file\n", e: "{x}", f: 45980468 });
    // What a later option has replaced is no integer any more.
    expect(integers.map(({ path }) => path)).toEqual([["b"], ["f"]]);
  });

  it("tells numbers that are not what stands in a file, unless something else is set there", async () => {
    const text = "a: {tag: 1.10, other: 2.0}\nlist: [{tag: 1_000}]\nb: 1.10\nc: '1.10'\nd: 1.5\n---\nnot: [yaml";
    const { numbers } = await read({ files: ["-"], "--set-string": ["b=1.10"] }, text.replace(/---[^]*/, ""));
    expect(numbers).toEqual([
      { path: ["a", "tag"], value: 1.1, written: "1.10" },
      { path: ["a", "other"], value: 2, written: "2.0" },
      { path: ["list", 0, "tag"], value: 1000, written: "1_000" },
    ]);
    expect((await read({ files: ["-"] }, text)).values).toMatchObject({ b: 1.1 });
  });

  it("sets one of two maps that a file gives by an alias, and leaves the other", async () => {
    const text = "web: &image {tag: 1, parts: {registry: r}}\napi: *image\n";
    const { values } = await read({ files: ["-"], "--set": ["web.tag=2,web.parts.registry=x"] }, text);
    expect(values).toEqual({
      web: { tag: 2, parts: { registry: "x" } },
      api: { tag: 1, parts: { registry: "r" } },
    });
  });

  it.each(["[1]", "a: [", "a: &a [*a]"])("refuses a file that holds %j", async (text) => {
    await expect(read({ files: ["-"] }, text)).rejects.toThrow(ValuesFileError);
  });

  it("says which file of --set-file is not there", async () => {
    await expect(read({ files: [], "--set-file": ["a=/nonexistent/x"] })).rejects.toThrow(/\/nonexistent\/x/);
  });

  it.each([
    ["is not there", ["/nonexistent/x.yaml"], "ENOENT: there is no such file or folder", "Name a file that is there"],
    ["is a folder", [__dirname], "EISDIR: it is a folder, no file", "Name a file that is there"],
    ["is no YAML map", ["-"], "it is no map of values", "Write it as YAML, with a map at the top"],
  ])("says what to do about a file that %s", async (_, files, reason, remedy) => {
    await expect(read({ files }, "[1]")).rejects.toMatchObject({
      code: "INVALID_VALUES_FILE",
      problem: expect.stringContaining(reason) as string,
      remedy: expect.stringContaining(remedy) as string,
    });
  });
});
