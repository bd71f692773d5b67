import fc from "fast-check";
import { shellReferences } from "../../../src/chart/find/shellDefaults";
import { growsTooFast } from "../../support/linearTime/growth";

const shown = (text: string): string[] =>
  shellReferences(text).map(({ token }) => token.text + (token.goesOn ? "…" : ""));

describe("references with parts in defaults of a shell", () => {
  it.each<[string, string[]]>([
    ["${REGISTRY:-quay.io}/a/b:1", ["quay.io/a/b:1"]],
    ["${REGISTRY-quay.io}/${REPO=a/b}:${TAG:=1}", ["quay.io/a/b:1"]],
    ["${IMAGE:-${REGISTRY:-quay.io}/a/b:1}", ["quay.io/a/b:1"]],
    ["docker run '${REPO:-a/b}:1' x", ["a/b:1"]],
    ["${REGISTRY:-quay.io}/a/b:${TAG}", ["quay.io/a/b…"]],
    ["${REGISTRY:-quay.io}/a/b:1,${REGISTRY:-quay.io}/a/c:2", ["quay.io/a/b:1", "quay.io/a/c:2"]],
    // Whole in one default, without one, in a comment, no end, no reference.
    ["${IMAGE:-quay.io/a/b:1}", []],
    ["${REGISTRY}/a/b:1", []],
    ["# ${REGISTRY:-quay.io}/a/b:1", []],
    ["${A:-${B:-", []],
    ["${HOME:-/root}/bin ${PORT:-80} ${X:-}", []],
    ["https://${HOST:-quay.io}/a/b:1", ["quay.io/a/b:1"]],
  ])("%s", (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  it("know the name before them, and the scheme", () => {
    expect(shellReferences("IMAGE=${R:-quay.io}/a/b:1")[0]?.token.key).toBe("IMAGE");
    expect(shellReferences("https://${R:-quay.io}/a/b:1")[0]?.token.scheme).toBe("https");
  });

  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const part = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(text, fc.constantFrom("", "${A:-", "${A-", "${A=")).map(([t, open]) => (open === "" ? t : `${open}${t}}`));
  it("stand where their pieces are, whatever is a default", () => {
    const texts = fc.tuple(part(fc.constant("quay.io")), part(word), part(word));
    fc.assert(
      fc.property(texts, fc.string(), ([host, path, tag], before) => {
        const text = `${before}\n ${host}/${path}:${tag}`;
        for (const { token, pieces } of shellReferences(text))
          expect(pieces.map(({ start, end }) => text.slice(start, end)).join("")).toBe(token.text);
        const last = shellReferences(text).at(-1)?.token.text;
        const plain = [host, path, tag].every((each) => !each.includes("$"));
        if (!plain) expect(last).toBe(`${host}/${path}:${tag}`.replaceAll(/\$\{A:?[-=]|\}/g, ""));
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 200) },
    );
  });

  it.each(["${A:-", "${A:-a}", "${", "}", "${A:-a/b:1} ", "a/${A:-b}"])(
    "take time that grows with the text: %s",
    (unit) => {
      expect(growsTooFast((size) => unit.repeat(size), shellReferences)).toBe(false);
    },
  );
});
