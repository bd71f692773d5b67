import fc from "fast-check";
import type { Chart } from "../../../src/chart/content/chart";
import { listedImages, unseenListedImages } from "../../../src/chart/find/listedImages";
import { PROGRAM_WORDS } from "../../../src/settingWords";

const chart = (yaml: string, subcharts: readonly Chart[] = [], name = "app"): Chart => ({
  metadata: { apiVersion: "v2", name, version: "1.0.0", dependencies: [] },
  valuesPath: [],
  values: {},
  files: [{ path: "Chart.yaml", location: "Chart.yaml", text: yaml }],
  subcharts,
});
const annotated = (text: string, annotation = "artifacthub.io/images"): string =>
  JSON.stringify({ annotations: { [annotation]: text } });
const references = (yaml: string): string[] => listedImages(chart(yaml)).map(({ reference }) => reference);

describe("images that Chart.yaml lists", () => {
  it.each<[string, string, string[]]>([
    ["for Artifact Hub", annotated("- {name: a, image: 'quay.io/a/b:1'}\n- {image: c/d}\n"), ["quay.io/a/b:1", "c/d"]],
    ["as Bitnami does", annotated("- {name: a, image: 'quay.io/a/b:1'}\n", "images"), ["quay.io/a/b:1"]],
    ["in a broken form", annotated("- [: }"), []],
    ["in no list", annotated("image: quay.io/a/b:1"), []],
    ["and that are no references", annotated("- {image: 'a b'}\n- {image: 1}\n- x\n"), []],
    ["nowhere", "name: app\n", []],
    ["in a file that is no YAML", "a: [", []],
  ])("are read %s", (_, yaml, expected) => {
    expect(references(yaml)).toEqual(expected);
  });

  it("are read of sub-charts, too", () => {
    const sub = chart(annotated("- {image: 'quay.io/a/b:1'}"), [], "sub");
    expect(listedImages(chart("name: app", [sub]))).toEqual([
      { chart: "sub", annotation: "artifacthub.io/images", reference: "quay.io/a/b:1" },
    ]);
  });

  it("never throw, whatever the annotation holds", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Array.isArray(references(annotated(text)))).toBe(true);
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });

  it("are told of, in one finding, where neither the render nor a value names them", () => {
    const listed = listedImages(
      chart(
        annotated("- {image: 'quay.io/a/b:1'}\n- {image: 'quay.io/a/c:1'}\n- {image: 'quay.io/a/d:1'}\n- {image: e/f}"),
      ),
    );
    const findings = unseenListedImages(listed, [{ reference: "quay.io/a/b:2" }], { image: "quay.io/a/c:3" });
    expect(findings).toMatchObject([{ severity: "warning", code: "IMAGE_ONLY_LISTED" }]);
    expect(findings[0]?.message).toContain(
      "Chart.yaml of app lists quay.io/a/d:1, e/f, which nothing in the chart names",
    );
    const words = { ...PROGRAM_WORDS, extraImages: "--extra-image", ignoreImages: "--ignore-image" };
    expect(unseenListedImages(listed, [], {}, { words })[0]?.message).toContain(
      "Name it in --extra-image if it does, else in --ignore-image",
    );
    expect(unseenListedImages(listed, [], {}, { ignoreImages: ["quay.io/*"], extraImages: ["docker.io/e/*"] })).toEqual(
      [],
    );
  });
});
