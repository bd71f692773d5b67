import fc from "fast-check";
import { readImages } from "../../../src/chart/compare/imagePlaces";
import { findImages } from "../../../src/chart/find/imageReferences";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";

function read(before: string, after: string): (string | undefined)[] {
  const [old, now] = [parseManifests(before), parseManifests(after)];
  return readImages(findImages(old, { values: {} }), old, now);
}
const config = (text: string, name = "c"): string =>
  `kind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  a: ${JSON.stringify(text)}\n`;
const custom = (spec: string): string => `kind: Thing\nmetadata: {name: t}\nspec: ${spec}\n`;

it("reads thousands of images of one text", () => {
  const images = Array.from({ length: 8000 }, (_, i) => `quay.io/team/app${i}:1`);
  const encoded = (texts: readonly string[]): string =>
    config(Buffer.from(texts.join("\n")).toString("base64")) + `---\n${config(texts.join("\n"), "plain")}`;
  const moved = images.map((image) => `mirror.test/${image}`);
  expect(read(encoded(images), encoded(moved))).toEqual([...moved, ...moved]);
});

describe("readImages", () => {
  it.each<[string, string, string, (string | undefined)[]]>([
    [
      "a container",
      "kind: Pod\nspec: {containers: [{image: 'a:1'}]}",
      "kind: Pod\nspec: {containers: [{image: 'm/a:1'}]}",
      ["m/a:1"],
    ],
    [
      "a container that is gone",
      "kind: Pod\nspec: {containers: [{image: 'a:1'}]}",
      "kind: Pod\nspec: {containers: []}",
      [undefined],
    ],
    ["an object that is gone", "kind: Pod\nspec: {containers: [{image: 'a:1'}]}", "kind: Job", [undefined]],
    [
      "an object whose name moved",
      config("image: a/b:1", "job-20240101"),
      config("image: m/b:1", "job-20240102"),
      ["m/b:1"],
    ],
    [
      "a word of a text",
      config("run --image=quay.io/a/b:1 now"),
      config("run --image=m.x/p/a/b:1 now"),
      ["m.x/p/a/b:1"],
    ],
    ["two words", config("1=quay.io/a:1\n2=quay.io/a:2"), config("1=m/a:1\n2=m/a:2"), ["m/a:1", "m/a:2"]],
    ["a scheme before it", config("docker://quay.io/a:1"), config("docker://m/a:1"), ["m/a:1"]],
    [
      "words that came before it",
      config("x: y\nimage: quay.io/a:1\nz: 1"),
      config("x: y\nnew: words here\nimage: m/a:1\nz: 1"),
      ["m/a:1"],
    ],
    [
      "words that went",
      config("x: y\nold: words\nimage: quay.io/a:1\nz: 1"),
      config("x: y\nimage: m/a:1\nz: 1"),
      ["m/a:1"],
    ],
    [
      "a text that is another one",
      config("image: quay.io/a:1"),
      config("nothing like it at all, with more words"),
      [undefined],
    ],
    ["fields", custom("{repository: a/b, tag: '1'}"), custom("{repository: a/b, tag: '2'}"), ["a/b:2"]],
    [
      "a field that came",
      custom("{registry: '', repository: a/b, tag: '1'}"),
      custom("{registry: m, repository: a/b, tag: '1'}"),
      ["a/b:1"],
    ],
    ["fields that went", custom("{repository: a/b, tag: '1'}"), custom("{repository: '', tag: '1'}"), [undefined]],
    [
      "fields in a text",
      config("image:\n  registry: quay.io\n  repository: a\n  tag: '1'\n"),
      config("image:\n  registry: m/p\n  repository: a\n  tag: '1'\n"),
      ["m/p/a:1"],
    ],
    [
      "arguments that hold the parts",
      "kind: Thing\nspec: {args: ['--x-image-repository=quay.io/a/b', '--x-image-tag=1']}",
      "kind: Thing\nspec: {args: ['--x-image-repository=m/a/b', '--x-image-tag=1']}",
      ["m/a/b:1"],
    ],
    [
      "what base64 encodes",
      `kind: Secret\ndata: {a: ${Buffer.from("image: quay.io/a/b:1 #").toString("base64")}}`,
      `kind: Secret\ndata: {a: ${Buffer.from("image: m/a/b:1 #").toString("base64")}}`,
      ["m/a/b:1"],
    ],
    [
      "fields in a text that is no YAML any more",
      config("image: {repository: quay.io/a, tag: '1'}"),
      config("image: {"),
      [undefined],
    ],
  ])("reads %s", (_, before, after, expected) => {
    expect(read(before, after)).toEqual(expected);
  });

  it("reads every reference of a text back, wherever words came or went", () => {
    const filler = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 4 });
    const parts = fc.array(fc.tuple(filler, filler, fc.nat(9)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, (pieces) => {
        const text = (host: string, which: 0 | 1): string =>
          pieces.map((piece, i) => `${piece[which].join(" ")}\nkey${i}: ${host}/a/b${i}:${piece[2]}\n`).join("");
        const read_ = read(config(text("quay.io", 0)), config(text("mirror.test", 1)));
        // A reference may not be found again, but what is found is the right one.
        read_.forEach((reference, i) =>
          expect([undefined, `mirror.test/a/b${i}:${pieces[i]?.[2]}`]).toContain(reference),
        );
      }),
    );
  });
});
