import { formatValuePath } from "../../../src/chart/content/valuePaths";
import { imageLineMentions, rendersByChance, templateMentions } from "../../../src/chart/content/templateMentions";

describe("templateMentions", () => {
  test.each([
    ["image: {{ .Values.image.registry }}/x", ["image.registry"]],
    ["{{ $.Values.a_b.c | default .Values.d }}", ["a_b.c", "d"]],
    ["{{ ((.Values.global).image).registry }}", ["global.image.registry"]],
    ["{{ .context.Values.global.imageRegistry }}", ["global.imageRegistry"]],
    ["{{ if .global.imageRegistry }}{{ .root.global.hub }}{{ end }}", ["global.imageRegistry", "global.hub"]],
    ['{{ index .Values "kube-state" "image" }}', ["kube-state.image"]],
    ['{{ index .Values.a "b-c" }}', ["a", "a.b-c"]],
    ['{{ get .Values.image "registry" }}', ["image", "image.registry"]],
    ["{{ .Values }} {{ .Release.Name }}", []],
  ])("%s", (text, expected) => {
    expect(templateMentions([{ scope: [], text }]).map(formatValuePath)).toEqual(expected);
  });

  test("puts a sub-chart's paths below its key, globals at the root", () => {
    const text = "{{ .Values.image }} {{ .Values.global.hub }}";
    expect(templateMentions([{ scope: ["redis"], text }]).map(formatValuePath)).toEqual(["redis.image", "global.hub"]);
  });
});

describe("imageLineMentions", () => {
  test("takes paths beside an image, whatever they are called", () => {
    const text = [
      "image: {{ .Values.main }}",
      'x: {{ .Values.other | default "quay.io/team/app" }}',
      "replicas: {{ .Values.replicas }}",
    ].join("\n");
    expect(imageLineMentions([{ scope: [], text }]).map(formatValuePath)).toEqual(["main", "other"]);
  });
});

describe("rendersByChance", () => {
  test.each([
    ["{{ randAlphaNum 5 }}", true],
    ["{{- $ca := genCA 'x' 365 }}", true],
    ["date: {{ now | date }}", true],
    ["# now or never", false],
    ["{{ .Values.nowhere }}", false],
  ])("%s: %s", (text, expected) => {
    expect(rendersByChance([{ scope: [], text }])).toBe(expected);
  });
});
