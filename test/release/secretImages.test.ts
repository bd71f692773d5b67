import type { Chart } from "../../src/chart/content/chart";
import { RenderError, type Render } from "../../src/chart/render/render";
import type { JsonObject } from "../../src/json";
import { refuseSecretImages } from "../../src/release/secretImages";

const chart = {
  metadata: { apiVersion: "v2", name: "shop", version: "1.0.0", dependencies: [] },
  values: {},
  files: [],
  subcharts: [],
  valuesPath: [],
} as unknown as Chart;

/** A chart of one pod, whose image is made of the values. */
const pod =
  (image: (values: JsonObject) => string): Render =>
  (values) => {
    const spec = { containers: [{ name: "c", image: image(values) }] };
    return Promise.resolve([{ object: { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec } }]);
  };
const text = ({ password }: JsonObject): string => (typeof password === "string" ? password : "");
const trial = (render: Render) =>
  refuseSecretImages({
    chart,
    render,
    values: { password: "Hunter2-hunter2", tag: "1" },
    secrets: [["password"], ["absent"]],
  });

describe("refuseSecretImages", () => {
  it.each<[string, (secret: string) => string]>([
    ["as it is", (secret) => secret.toLowerCase()],
    ["as base64", (secret) => Buffer.from(secret).toString("hex")],
    ["backwards", (secret) => [...secret.toLowerCase()].reverse().join("")],
    [
      "by what its letters are apart",
      (secret) => [...secret].map((c) => c.charCodeAt(0) - secret.charCodeAt(0)).join("_"),
    ],
  ])("refuses an image that is named by a secret, %s", async (_, written) => {
    const refused = trial(pod((values) => `quay.io/team/web:x${written(text(values)).replaceAll("-", "m")}`));
    await expect(refused).rejects.toMatchObject({ code: "SECRET_NAMES_IMAGE" });
    await expect(refused).rejects.toThrow("spec.containers[0].image of Pod web");
    await expect(refused).rejects.not.toThrow(/hunter2/i);
  });

  it("takes images that no secret names", async () => {
    expect(await trial(pod(({ tag }) => `quay.io/team/web:${typeof tag === "string" ? tag : ""}`))).toEqual([]);
  });

  it("warns where the chart does not render with another text", async () => {
    const strict = pod((values) => {
      if (text(values) !== "Hunter2-hunter2") throw new RenderError("shop", { reason: "no", output: "no" });
      return "quay.io/team/web:1";
    });
    expect(await trial(async (values, what) => strict(values, what))).toMatchObject([{ code: "SECRETS_NOT_TRIED" }]);
  });

  it("renders nothing where no value is a secret", async () => {
    const render = jest.fn() as unknown as Render;
    expect(await refuseSecretImages({ chart, render, values: { a: "b" }, secrets: [] })).toEqual([]);
    expect(render).not.toHaveBeenCalled();
  });
});
