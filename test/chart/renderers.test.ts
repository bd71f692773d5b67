import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { helmArguments, helmCommand, HelmCommandError } from "../../src/chart/render/helmCommand";
import { identityOf } from "../../src/chart/render/kubernetesManifest";
import { RenderError, type RenderOptions } from "../../src/chart/render/render";
import { RendererNotKnownError, templateFunction } from "../../src/chart/render/templateFunction";
import type { Json, JsonObject } from "../../src/json";
import { ensureTool } from "../support/tools";
import { chartYaml, temporaryFolder, writeFiles } from "./chartOnDisk";

const OPTIONS: Omit<RenderOptions, "chart"> = { releaseName: "rel", namespace: "shop" };

async function chartFolder(more: Record<string, string> = {}): Promise<string> {
  return writeFiles({
    "Chart.yaml": chartYaml("shop"),
    "values.yaml": "tag: '1'\n",
    "crds/x.yaml": "kind: CustomResourceDefinition\n",
    "templates/pod.yaml":
      "kind: Pod\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\nspec: {containers: [{name: a, image: 'a:{{ .Values.tag }}'}]}\n",
    "templates/tests/t.yaml": "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
    "templates/capabilities.yaml":
      'kind: ConfigMap\nmetadata: {name: c}\ndata: {kube: {{ .Capabilities.KubeVersion.Version }}, monitoring: "{{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}"}\n',
    ...more,
  });
}

/** A command in place of helm that does what the script says. */
async function command(script: string): Promise<string> {
  const file = join(await temporaryFolder(), "helm");
  await writeFile(file, `#!${process.execPath}\n${script}`);
  await chmod(file, 0o755);
  return file;
}

describe("helmCommand", () => {
  let helm: string;
  beforeAll(async () => {
    helm = await ensureTool("helm", () => undefined);
  }, 900_000);

  it("renders with the values given, hooks and tests included, CRDs not", async () => {
    const render = helmCommand(helm, { ...OPTIONS, chart: await chartFolder() });
    const manifests = await render({ tag: "2" });
    expect(manifests.map(({ object, hook }) => [identityOf(object).name, hook])).toEqual(
      expect.arrayContaining([
        ["rel", undefined],
        ["t", "test"],
      ]),
    );
    const pod = manifests.find(({ template }) => template === "shop/templates/pod.yaml")?.object;
    expect(pod).toMatchObject({ metadata: { namespace: "shop" }, spec: { containers: [{ image: "a:2" }] } });
    expect(manifests).toHaveLength(3);
  });

  it.each<[string, Partial<RenderOptions>, JsonObject]>([
    ["for the same Kubernetes everywhere", {}, { kube: "v1.34.0", monitoring: "false" }],
    [
      "for the Kubernetes and the APIs that are asked for",
      { kubeVersion: "1.27.3", apiVersions: ["monitoring.coreos.com/v1"] },
      { kube: "v1.27.3", monitoring: "true" },
    ],
  ])("renders %s", async (_, options, data) => {
    const render = helmCommand(helm, { ...OPTIONS, chart: await chartFolder(), ...options });
    const manifests = await render({});
    expect(manifests.find(({ object }) => object.kind === "ConfigMap")?.object.data).toEqual(data);
  });

  it("gives integers of --set with all their digits, which a file of values would make floats", async () => {
    const odd = 'kind: Odd\nodd: {{ (index .Values "odd.key,=x" 1).n | quote }}\n';
    const chart = await chartFolder({ "templates/odd.yaml": odd });
    const integers = [
      { path: ["tag"], digits: "45980468" },
      { path: ["odd.key,=x", 1, "n"], digits: "9007199254740993" },
    ];
    const render = helmCommand(helm, { ...OPTIONS, chart, integers });
    const exact = await render({ tag: 45980468, "odd.key,=x": [null, { n: 9007199254740992 }] });
    expect(JSON.stringify(exact)).toContain('"image":"a:45980468"');
    expect(JSON.stringify(exact)).toContain('"odd":"9007199254740993"');
    const floats = await helmCommand(helm, { ...OPTIONS, chart })({ tag: 45980468, "odd.key,=x": [null, { n: 1 }] });
    expect(JSON.stringify(floats)).toContain('"image":"a:4.5980468e+07"');
  });

  it("names a chart that does not render as the user has named it", async () => {
    const chart = await chartFolder({ "values.yaml": "[" });
    const rendering = helmCommand(helm, { ...OPTIONS, chart, name: "oci://r.io/charts/shop" })({});
    await expect(rendering).rejects.toThrow(/^rendering chart oci:\/\/r\.io\/charts\/shop failed/);
    await expect(rendering).rejects.not.toThrow(chart);
  });

  it("renders an install, or an upgrade, with the hooks of both", async () => {
    const hooks = ["pre-install", "pre-upgrade"].map(
      (hook) => `---\nkind: Pod\nmetadata: { name: ${hook}, annotations: { helm.sh/hook: ${hook} } }\n`,
    );
    const chart = await chartFolder({
      "templates/hooks.yaml": hooks.join(""),
      "templates/way.yaml":
        "kind: ConfigMap\nmetadata: { name: way-{{ .Release.IsUpgrade }}-{{ .Release.IsInstall }} }\n",
    });
    const render = helmCommand(helm, { ...OPTIONS, chart });
    const names = async (what?: "install" | "upgrade") =>
      (await render({}, what)).map(({ object }) => identityOf(object).name);
    const both = ["pre-install", "pre-upgrade"];
    expect(await names()).toEqual(expect.arrayContaining([...both, "way-false-true"]));
    expect(await names("install")).toEqual(expect.arrayContaining([...both, "way-false-true"]));
    expect(await names("upgrade")).toEqual(expect.arrayContaining([...both, "way-true-false"]));
  });

  it("says which template failed and why", async () => {
    const chart = await chartFolder({ "templates/x.yaml": '\n{{ required "set a name" .Values.name }}' });
    const rendering = helmCommand(helm, { ...OPTIONS, chart })({});
    await expect(rendering).rejects.toThrow(RenderError);
    await expect(rendering).rejects.toMatchObject({
      code: "CHART_DOES_NOT_RENDER",
      failure: { reason: "set a name", template: "shop/templates/x.yaml", line: 2 },
    });
  });

  it("gives the values to standard input and nothing of them to the arguments or the environment", async () => {
    const spy = await command(
      `const stdin = require("fs").readFileSync(0, "utf8");
       console.log(JSON.stringify({ kind: "Spy", argv: process.argv.slice(2), env: process.env, stdin }));`,
    );
    const environment = { PATH: process.env.PATH, HELM_PLUGINS: "/mine", KUBECONFIG: "/mine", HELM_NAMESPACE: "mine" };
    const render = helmCommand(spy, { ...OPTIONS, chart: "charts/x" }, environment);
    const [spied] = await render({ password: "hunter2" });
    const { argv, env, stdin } = spied?.object as { argv: string[]; env: JsonObject; stdin: string };
    expect(JSON.parse(stdin)).toEqual({ password: "hunter2" });
    expect(JSON.stringify([argv, env])).not.toMatch(/hunter2|mine/);
    expect(argv).toEqual(helmArguments({ ...OPTIONS, chart: "charts/x" }));
  });

  it.each<[string, string, { timeout: number; output: number }, RegExp]>([
    ["does not end", "setInterval(() => 0, 1000)", { timeout: 0.2, output: 1e6 }, /did not end within 0\.2 seconds/],
    [
      "writes without end",
      'const go = () => process.stdout.write("x".repeat(1e5), go); go();',
      { timeout: 60, output: 1e6 },
      /wrote more than 1000000 bytes/,
    ],
  ])("stops a command that %s", async (_, script, limits, message) => {
    const render = helmCommand(await command(script), { ...OPTIONS, chart: "x" }, process.env, limits);
    const rendering = render({});
    await expect(rendering).rejects.toThrow(HelmCommandError);
    await expect(rendering).rejects.toThrow(message);
  });

  it("says that there is no such command", async () => {
    const rendering = helmCommand("/nonexistent/helm", { ...OPTIONS, chart: "x" })({});
    await expect(rendering).rejects.toMatchObject({
      code: "HELM_FAILED",
      remedy: "Install Helm 3 and put it on the PATH",
    });
  });

  it("survives a command that never reads the values", async () => {
    const render = helmCommand(await command("process.exit(3)"), { ...OPTIONS, chart: "x" });
    await expect(render({ big: "x".repeat(1e6) })).rejects.toThrow("Helm gave no reason");
  });

  it("runs at most two commands at once", async () => {
    const log = join(await temporaryFolder(), "log");
    const slow = await command(
      `const { appendFileSync } = require("fs");
       appendFileSync(${JSON.stringify(log)}, "+");
       setTimeout(() => appendFileSync(${JSON.stringify(log)}, "-"), 100);`,
    );
    const render = helmCommand(slow, { ...OPTIONS, chart: "x" });
    await Promise.all([render({}), render({}), render({}), render({})]);
    let running = 0;
    const most = [...(await readFile(log, "utf8"))].map((sign) => (running += sign === "+" ? 1 : -1));
    expect(most).toHaveLength(8);
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
  });
});

describe("templateFunction", () => {
  const chart = "charts/shop";

  it("does not render an install where an upgrade is asked for: the provider knows no upgrades", async () => {
    const invoke = jest.fn(() => Promise.resolve([]));
    const rendering = templateFunction(invoke, { ...OPTIONS, chart: "x" })({}, "upgrade");
    await expect(rendering).rejects.toMatchObject({ code: "UPGRADE_NOT_RENDERED" });
    expect(invoke).not.toHaveBeenCalled();
  });

  it("asks the provider with the names that it knows", async () => {
    const asked: Json[] = [];
    const render = templateFunction(
      (jsonOpts) => {
        asked.push(JSON.parse(jsonOpts) as Json);
        return Promise.resolve([{ kind: "Pod" }, { kind: "CustomResourceDefinition" }]);
      },
      { ...OPTIONS, chart, kubeVersion: "1.30.0", apiVersions: ["a/v1"] },
    );
    await expect(render({ a: 1 })).resolves.toEqual([{ object: { kind: "Pod" } }]);
    expect(asked).toEqual([
      {
        path: expect.stringMatching(/^\/.*charts\/shop$/) as string,
        release_name: "rel",
        namespace: "shop",
        values: { a: 1 },
        kube_version: "1.30.0",
        api_versions: ["a/v1"],
        skip_crd_rendering: true,
        include_test_hook_resources: true,
      },
    ]);
  });

  it("names versions even when the user does not, so that the provider does not ask a cluster", async () => {
    let asked = "";
    const render = templateFunction((jsonOpts) => Promise.resolve(((asked = jsonOpts), [])), { ...OPTIONS, chart });
    await render({});
    expect(JSON.parse(asked)).toMatchObject({ kube_version: "1.34.0", api_versions: ["v1"] });
  });

  it("tells an unknown provider from a chart that renders nothing", async () => {
    await expect(templateFunction(() => Promise.resolve([]), { ...OPTIONS, chart })({})).resolves.toEqual([]);
    const huge = Array.from({ length: 2_000_000 }, () => null);
    await expect(templateFunction(() => Promise.resolve(huge), { ...OPTIONS, chart })({})).rejects.toThrow(
      /what it renders is too large: it has more than 2000000 maps/,
    );
    const rendering = templateFunction(() => Promise.resolve(undefined), { ...OPTIONS, chart })({});
    await expect(rendering).rejects.toThrow(RendererNotKnownError);
  });

  it("explains a failure as the command's", async () => {
    const failure = "failed to create chart from template: execution error at (shop/templates/x.yaml:2:4): set a name";
    const rendering = templateFunction(() => Promise.reject(new Error(failure)), { ...OPTIONS, chart })({});
    await expect(rendering).rejects.toMatchObject({
      failure: { reason: "set a name", template: "shop/templates/x.yaml", line: 2 },
    });
  });
});
