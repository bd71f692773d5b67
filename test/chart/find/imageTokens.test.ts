import fc from "fast-check";
import { imageTokens, mayBeginReference } from "../../../src/chart/find/imageTokens";

const D = `sha256:${"a".repeat(64)}`;

describe("imageTokens", () => {
  it.each<[string, string[]]>([
    ["quay.io/a/b:1.2", ["quay.io/a/b:1.2"]],
    [`quay.io/a/b@${D}`, [`quay.io/a/b@${D}`]],
    [`a/b:1.2@${D}`, [`a/b:1.2@${D}`]],
    ["localhost:5000/a", ["localhost:5000/a"]],
    ["registry:5000/a/b", ["registry:5000/a/b"]],
    ["nginx:1.27", ["nginx:1.27"]],
    ["nginx", []],
    ["--image=quay.io/a/b:1 --x", ["quay.io/a/b:1"]],
    ['{"image":"quay.io/a/b:1"}', ["quay.io/a/b:1"]],
    ["3.9.0=quay.io/a/k:3.9.0\n3.9.1=quay.io/a/k:3.9.1\n", ["quay.io/a/k:3.9.0", "quay.io/a/k:3.9.1"]],
    ["pull quay.io/a/b:1.2.", ["quay.io/a/b:1.2"]],
    ["docker://quay.io/a/b:1", ["quay.io/a/b:1"]],
    ["registry://ghcr.io/a/b:1", ["ghcr.io/a/b:1"]],
    ["ostree-image-signed:docker://quay.io/a/b:1", ["quay.io/a/b:1"]],
    ["${IMAGE:-quay.io/a/b:1}", ["quay.io/a/b:1"]],
    ["${A=${B:-a/b:1}}", ["a/b:1"]],
    ["1.0:quay.io/a/b:1,1.1:quay.io/a/b:2", ["quay.io/a/b:1", "quay.io/a/b:2"]],
    ["image:localhost:5000/a:1", ["localhost:5000/a:1"]],
    // What nothing reads, and patterns of policies.
    ["# quay.io/a/b:1\nquay.io/c/d:1", ["quay.io/c/d:1"]],
    ["ghcr.io/*:v1", []],
    ["ghcr.io/a/b:v1*", []],
    ["ghcr.io/a/b:v1.?", []],
    ["*/a/b:1", []],
    ["me@example.com:quay.io/a:1", []],
    // Not whole: a path, an address, a Java class, a package, a pair of colons, a template's action before it.
    ["/etc/config/a:ro", []],
    ["me@example.com/a:1", []],
    ["org.apache.Kafka/Main:1", []],
    ["a:b:c", []],
    ["{{ .Values.hub }}/proxy:1", []],
    ["${REGISTRY}/a/b:1", []],
    ["https://quay.io/a/b", ["quay.io/a/b"]],
  ])("%s", (text, expected) => {
    expect(imageTokens(text).map((token) => token.text)).toEqual(expected);
  });

  it.each<[string, string | undefined]>([
    ["image: quay.io/a/b:1", "image"],
    ['  - image:   "quay.io/a/b:1"', "image"],
    ['{"x":1,"image":"quay.io/a/b:1"}', "image"],
    ["run --sidecar-image=quay.io/a/b:1", "--sidecar-image"],
    ["PROXY_IMAGE='quay.io/a/b:1'", "PROXY_IMAGE"],
    ["--image-map=1.0:quay.io/a/b:1", "--image-map"],
    ["run ${SIDECAR_IMAGE:-quay.io/a/b:1}", "SIDECAR_IMAGE"],
    ["FROM --platform=linux quay.io/a/b:1", "image"],
    ["use quay.io/a/b:1", undefined],
    ["see: other\nquay.io/a/b:1", undefined],
  ])("names the key in %s", (text, key) => {
    expect(imageTokens(text)[0]?.key).toBe(key);
  });

  it.each([
    ["quay.io/a/b:v{{ .Version }}", "quay.io/a/b"],
    ["quay.io/a/b:{{ .Version }}", "quay.io/a/b"],
    ["quay.io/a/{{ .Name }}", "quay.io/a"],
    ["quay.io/a/b:${TAG}", "quay.io/a/b"],
    ["quay.io/a/b:$TAG", "quay.io/a/b"],
    ["quay.io/a/b:%s", "quay.io/a/b"],
    ["quay.io/a/b:<version>", "quay.io/a/b"],
  ])("knows that %s goes on", (text, expected) => {
    expect(imageTokens(text)).toMatchObject([{ text: expected, goesOn: true }]);
  });

  it("takes a reference apart", () => {
    expect(imageTokens(`x="r.io:5000/a/b:1@${D}"`)).toEqual([
      {
        start: 3,
        end: 3 + `r.io:5000/a/b:1@${D}`.length,
        text: `r.io:5000/a/b:1@${D}`,
        host: "r.io:5000",
        path: "a/b",
        tag: "1",
        digest: D,
        key: "x",
        quoted: true,
        goesOn: false,
      },
    ]);
  });

  it.each([
    ["", true],
    ["image: ", true],
    ["oci://", true],
    ["https://", false],
    ["${IMAGE:-", true],
    ["my-", false],
    ["1.0:", true],
    ["a@b:", false],
    ["$", false],
  ])("tells whether a reference may begin behind %j", (before, expected) => {
    expect(mayBeginReference(`${before}quay.io/a`, before.length)).toBe(expected);
  });

  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const reference = fc
    .tuple(
      fc.constantFrom("quay.io", "r.example.com:5000", "localhost"),
      fc.array(word, { minLength: 1, maxLength: 3 }),
      word,
    )
    .map(([host, path, tag]) => `${host}/${path.join("/")}:${tag}`);

  it("finds every reference at its place, whatever stands between", () => {
    const between = fc.constantFrom(
      " ",
      "\n",
      "\nimage: ",
      '", "',
      " --image=",
      "; docker run ",
      "\t- ",
      " oci://",
      " ${IMAGE:-",
      ",1.0:",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(between, reference), { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.flat().join("");
        const tokens = imageTokens(`${text} `);
        expect(tokens.map((token) => token.text)).toEqual(parts.map(([, found]) => found));
        for (const token of tokens) expect(text.slice(token.start, token.end)).toBe(token.text);
      }),
    );
  });
});
