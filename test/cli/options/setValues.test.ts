import type { JsonObject } from "../../../src/json";
import { InvalidSetError, type SetOption } from "../../../src/cli/options/setOption";
import { applySet } from "../../../src/cli/options/setValues";

const readFile = (file: string): Promise<string> => Promise.resolve(`text of ${file}`);

async function set(option: SetOption, argument: string, values: JsonObject = {}): Promise<JsonObject> {
  return (await applySet({ values, integers: [] }, option, argument, readFile)).values;
}

describe("applySet", () => {
  // Expectations are what `helm template` yields with these options; setValuesLikeHelm.test.ts asks it.
  test.each<[string, JsonObject]>([
    ["a=1", { a: 1 }],
    ["a.b.c=x", { a: { b: { c: "x" } } }],
    ["a=1,b=two", { a: 1, b: "two" }],
    ["a=true,b=false,c=null", { a: true, b: false, c: null }],
    ["a=True,b=FALSE,c=nULL,d=tRuE", { a: true, b: false, c: null, d: true }],
    ["a=1.5,b=007,c=0,d=-3,e=+5,f=-0,g=-01", { a: "1.5", b: "007", c: 0, d: -3, e: 5, f: 0, g: -1 }],
    ["a=1e3,b=0x10,c=1_0,d= 1", { a: "1e3", b: "0x10", c: "1_0", d: " 1" }],
    ["a=9223372036854775807,b=9223372036854775808", { a: 2 ** 63, b: "9223372036854775808" }],
    ["a=", { a: "" }],
    ["a=,b=1", { a: "", b: 1 }],
    ["a={x,2,true}", { a: ["x", 2, true] }],
    ["a={}", { a: [""] }],
    ["a={},b={,}", { a: [""], b: ["", ""] }],
    ["a={x,}", { a: ["x", ""] }],
    ["a=[]", { a: "[]" }],
    ["a[0].b=x,a[1].b=y", { a: [{ b: "x" }, { b: "y" }] }],
    ["a[2]=x", { a: [null, null, "x"] }],
    ["a[0][1]=x", { a: [[null, "x"]] }],
    ["a[+1]=x", { a: [null, "x"] }],
    ["a[0]", { a: [] }],
    ["a[0].b=", { a: [] }],
    ["a.", {}],
    ["=", {}],
    [".a=1", {}],
    [String.raw`a\.b=x\,y`, { "a.b": "x,y" }],
    [String.raw`a\[0]=1`, { "a[0]": 1 }],
    [String.raw`a=\1,b=\{x`, { a: 1, b: "{x" }],
    ["image=r.io:5000/a/b:1=2", { image: "r.io:5000/a/b:1=2" }],
  ])("--set %s", async (argument, expected) => {
    expect(await set("--set", argument)).toEqual(expected);
  });

  test.each<[SetOption, string, JsonObject]>([
    ["--set-string", "a=1,b=true,c=null,d={1,x}", { a: "1", b: "true", c: "null", d: ["1", "x"] }],
    ["--set-json", `a={"x":[1,2]},b="q,r",c=1.5,d=`, { a: { x: [1, 2] }, b: "q,r", c: 1.5, d: null }],
    ["--set-json", `a[1].b=[{"c":null}]`, { a: [null, { b: [{ c: null }] }] }],
    ["--set-json", "a=1b=true", { a: 1, b: true }],
    ["--set-file", "a.b=x.yaml,c={y,z}", { a: { b: "text of x.yaml" }, c: ["text of y", "text of z"] }],
    ["--set-file", "a=", { a: "" }],
    ["--set-file", "a=x,b=", { a: "text of x", b: "" }],
    ["--set-literal", String.raw`a.b={x},c\d=1`, { a: { b: String.raw`{x},c\d=1` } }],
    ["--set-literal", "a,b[0]=true", { "a,b": ["true"] }],
  ])("%s %s", async (option, argument, expected) => {
    expect(await set(option, argument)).toEqual(expected);
  });

  test("goes into what stands there and leaves the given values alone", async () => {
    const values = { image: { tag: "1", registry: "r" }, list: ["a", "b"] };
    expect(await set("--set", "image.tag=2,list[1]=c", values)).toEqual({
      image: { tag: 2, registry: "r" },
      list: ["a", "c"],
    });
    expect(values.list).toEqual(["a", "b"]);
  });

  test("tells which integers Helm has to get by --set", async () => {
    const { integers } = await applySet({ values: {}, integers: [] }, "--set", "a.b=45980468,c={x,7},d=1.5", readFile);
    expect(integers).toEqual([
      { path: ["a", "b"], digits: "45980468" },
      { path: ["c", 1], digits: "7" },
    ]);
  });

  test.each<[SetOption, string]>([
    ...["a", "a.b", "a..b=1", "a.=1", "a[x]=1", "a[]=1", "a[-1]=1", "a[99999999]=1", "a={x", "a[0=1", "a[0]b=1"].map(
      (argument) => ["--set", argument] as [SetOption, string],
    ),
    ["--set", "a,b=1"],
    ["--set", "a=1,,b=2"],
    ["--set", "a={x}y,b=1"],
    ["--set", `${"a.".repeat(31)}b=1`],
    ["--set-json", "a=x"],
    ["--set-json", "a=01"],
    ["--set-json", "a=1."],
    ["--set-json", `{"a":1}`],
    ["--set-literal", "a"],
    // A file without a name is one, but at the end.
    ["--set-file", "a=,b=x"],
    ["--set-file", "a=\\"],
    ["--set-file", "a={}"],
  ])("%s refuses %s", async (option, argument) => {
    await expect(set(option, argument)).rejects.toThrow(InvalidSetError);
  });

  test.each<[string, JsonObject]>([
    ["a[0]=1", { a: { b: 1 } }],
    ["a.b=1", { a: null }],
    ["a.b=1", { a: 1 }],
    ["a[0][0]=1", { a: ["x"] }],
  ])("--set %s refuses to go into another kind, as Helm does", async (argument, values) => {
    await expect(set("--set", argument, values)).rejects.toThrow(/what (its index|it) goes into is no (list|map)/);
  });

  test.each([
    ["password=s3cr3t,s3cr3t", /reading --set password=…: in its part 2, a key has no value/],
    ["password=s3cr3t,s3cr3t[x=1", /in its part 2/],
    ["password={s3cr3t", /reading --set password=…/],
    ["s3cr3t", /reading --set …/],
  ])("repeats no value of %s", async (argument, message) => {
    const error = await set("--set", argument).catch((thrown: unknown) => thrown as Error);
    expect(String((error as Error).message)).toMatch(message);
    expect(String((error as Error).message)).not.toContain("s3cr3t");
  });
});
