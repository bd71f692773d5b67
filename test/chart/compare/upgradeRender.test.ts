import type { Chart } from "../../../src/chart/content/chart";
import { manifestsOf, type Manifest } from "../../../src/chart/render/kubernetesManifest";
import { RenderError, UpgradeNotRenderedError, type RenderedFor } from "../../../src/chart/render/render";
import { renderBothWays, renderUpgrade, UpgradeObjects } from "../../../src/chart/compare/upgradeRender";
import type { JsonObject } from "../../../src/json";

const config = (name: string, data: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});
const render = (...objects: JsonObject[]): Manifest[] => manifestsOf(objects);
const names = (manifests: readonly Manifest[]): unknown[] =>
  manifests.map(({ object }) => (object.metadata as JsonObject).name);
const template = (text: string) => [{ scope: [], text }];

describe("renderUpgrade", () => {
  const asked = async (text: string, values: JsonObject = {}) => {
    const upgrade = jest.fn(() => Promise.resolve(render(config("a", {}))));
    const { manifests, finding } = await renderUpgrade(template(text), values, upgrade);
    return { rendered: manifests !== undefined, times: upgrade.mock.calls.length, said: finding?.message };
  };

  it.each([["{{ .Values.image }}"], ["name: app-{{ .Release.Revision }}"], ['{{ lookup "v1" "Secret" "a" "b" }}']])(
    "takes no render for a chart that cannot tell the two apart: %s",
    async (text) => {
      expect(await asked(text)).toEqual({ rendered: false, times: 0, said: undefined });
    },
  );

  it.each([
    ["{{ if .Release.IsUpgrade }}"],
    ["{{ if not $.Release.IsInstall }}"],
    ['{{ index .Release "IsUpgrade" }}'],
  ])("renders a chart that can: %s", async (text) => {
    expect(await asked(text)).toMatchObject({ rendered: true, times: 1 });
  });

  it("renders a chart whose values can, by tpl", async () => {
    expect(await asked("{{ tpl .Values.a . }}", { a: "{{ .Release.IsUpgrade }}" })).toMatchObject({ rendered: true });
  });

  it("says that nobody knows what comes after the first revision", async () => {
    const text = "{{- if gt (int .Release.Revision) 1 }}";
    const said = expect.stringContaining(".Release.Revision") as unknown;
    expect(await asked(text)).toEqual({ rendered: false, times: 0, said });
    expect(await asked(`${text}{{ .Release.IsUpgrade }}`)).toEqual({ rendered: true, times: 1, said });
  });

  it.each([
    ["the chart", new RenderError("web", { reason: "give a password", output: "" }), "give a password"],
    ["the renderer", new UpgradeNotRenderedError("only installs"), "only installs"],
  ])("says why where %s cannot", async (_, error, reason) => {
    const { manifests, finding } = await renderUpgrade(template("IsUpgrade"), {}, () => Promise.reject(error));
    expect(manifests).toBeUndefined();
    expect(finding).toMatchObject({ severity: "warning", code: "UPGRADE_NOT_RENDERED" });
    expect(finding?.message).toContain(reason);
  });
});

describe("UpgradeObjects", () => {
  const install = render(config("same", { a: "1" }), config("changed", { a: "1" }), config("install", {}));
  const upgrade = render(config("upgrade", {}), config("changed", { a: "2" }), config("same", { a: "1" }));

  it("are those that an install has not, or not so", () => {
    const objects = new UpgradeObjects(install, upgrade);
    expect(objects.any).toBe(true);
    expect(names(objects.manifests)).toEqual(["upgrade", "changed"]);
    expect(new UpgradeObjects(install, install).any).toBe(false);
  });

  it("are not those that every render has otherwise", () => {
    const random = (text: string) => render(config("same", { a: text }));
    expect(new UpgradeObjects(random("x"), random("y"), random("z")).any).toBe(false);
    expect(new UpgradeObjects(random("x"), random("y"), random("x")).any).toBe(true);
  });

  it("are found in another render, and what came with it", () => {
    const other = render(
      config("same", { a: "9" }),
      config("changed", { a: "3" }),
      config("upgrade", { b: "9" }),
      config("upgrade-more", {}),
    );
    expect(names(new UpgradeObjects(install, upgrade).in(other))).toEqual(["upgrade", "changed", "upgrade-more"]);
  });
});

describe("renderBothWays", () => {
  it("has what installs have, and behind it what upgrades alone have", async () => {
    const chart: Chart = {
      metadata: { apiVersion: "v2", name: "web", version: "1.0.0", dependencies: [] },
      valuesPath: [],
      values: {},
      files: [{ path: "templates/a.yaml", location: "templates/a.yaml", text: "{{ .Release.IsUpgrade }}" }],
      subcharts: [],
    };
    const both = await renderBothWays(chart, {}, (_, what?: RenderedFor) =>
      Promise.resolve(what === "upgrade" ? render(config("a", {}), config("b", {})) : render(config("a", {}))),
    );
    expect(names(both.manifests)).toEqual(["a", "b"]);
    expect(both.findings).toEqual([]);
  });
});
