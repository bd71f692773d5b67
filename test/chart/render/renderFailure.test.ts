import { RenderError } from "../../../src/chart/render/render";
import { explainRenderFailure } from "../../../src/chart/render/renderFailure";

const ADVICE = "\n\nUse --debug flag to render out invalid YAML\n";

describe("explainRenderFailure", () => {
  // What Helm 3.19 writes for charts made to fail so.
  it.each<[string, string, { reason: string; template?: string; line?: number }]>([
    [
      "a chart's own message",
      `Error: execution error at (shop/templates/_names.tpl:2:3): set a password${ADVICE}`,
      { reason: "set a password", template: "shop/templates/_names.tpl", line: 2 },
    ],
    [
      "a message of several lines",
      `Error: execution error at (shop/charts/redis/templates/NOTES.txt:94:4): \n\n⚠ ERROR: Original containers\nhave been substituted${ADVICE}`,
      {
        reason: "⚠ ERROR: Original containers\nhave been substituted",
        template: "shop/charts/redis/templates/NOTES.txt",
        line: 94,
      },
    ],
    [
      "a value that is no map, after warnings",
      `coalesce.go:289: warning: destination for shop.a is a table\nError: template: shop/templates/x.yaml:1:10: executing "shop/templates/x.yaml" at <.Values.x.y.z>: nil pointer evaluating interface {}.y${ADVICE}`,
      {
        reason: "nil pointer evaluating interface {}.y at <.Values.x.y.z>",
        template: "shop/templates/x.yaml",
        line: 1,
      },
    ],
    [
      "a chain of templates",
      `Error: template: shop/templates/x.yaml:1:3: executing "shop/templates/x.yaml" at <include "a" .>: error calling include: template: shop/templates/_h.tpl:7:10: executing "a" at <index .l 3>: error calling index: index of untyped nil${ADVICE}`,
      { reason: "index: index of untyped nil", template: "shop/templates/_h.tpl", line: 7 },
    ],
    [
      "a fail in a chain",
      `Error: template: shop/templates/x.yaml:1:3: executing "shop/templates/x.yaml" at <include "a" .>: error calling include: template: shop/templates/_h.tpl:7:10: executing "a" at <fail "no">: error calling fail: no${ADVICE}`,
      { reason: "no", template: "shop/templates/_h.tpl", line: 7 },
    ],
    [
      "a template that is none",
      `Error: parse error at (shop/templates/x.yaml:1): function "nope" not defined${ADVICE}`,
      { reason: 'function "nope" not defined', template: "shop/templates/x.yaml", line: 1 },
    ],
    [
      "YAML that is none",
      `Error: YAML parse error on shop/templates/x.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content${ADVICE}`,
      {
        reason: "it renders no valid YAML: yaml: line 1: did not find expected node content",
        template: "shop/templates/x.yaml",
      },
    ],
    [
      "a schema",
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nshop:\n- at '/image': got object, want string\n",
      { reason: "the chart's values.schema.json refuses the values: shop:\n- at '/image': got object, want string" },
    ],
    [
      "a Kubernetes version",
      `Error: chart requires kubeVersion: >=1.35.0-0 which is incompatible with Kubernetes v1.34.0${ADVICE}`,
      { reason: "chart requires kubeVersion: >=1.35.0-0 which is incompatible with Kubernetes v1.34.0" },
    ],
    ["nothing at all", "", { reason: "Helm gave no reason" }],
  ])("%s", (_, output, expected) => {
    expect(explainRenderFailure(output)).toEqual({ ...expected, output });
  });

  it("makes an error that names the chart, the template and the line", () => {
    const output = `Error: execution error at (shop/templates/x.yaml:2:3): set a password${ADVICE}`;
    expect(new RenderError("./shop", explainRenderFailure(output))).toMatchObject({
      code: "CHART_DOES_NOT_RENDER",
      problem: "rendering chart ./shop failed (shop/templates/x.yaml:2): set a password",
    });
  });
});
