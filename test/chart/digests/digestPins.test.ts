import { join } from "node:path";
import { ChartCopy } from "../../../src/chart/content/chartCopy";
import { readChart } from "../../../src/chart/content/chartFiles";
import { pinDigests } from "../../../src/chart/digests/digestPins";
import { helmCommand } from "../../../src/chart/render/helmCommand";
import { findImages } from "../../../src/chart/find/imageReferences";
import { mergeValues } from "../../../src/chart/content/valuePaths";
import { patchedFiles } from "../../../src/chart/content/patch";
import { relocateChart } from "../../../src/chart/relocate";
import { digestOf } from "../../../src/image/digest";
import type { JsonObject } from "../../../src/json";
import type { RelocationPlan } from "../../../src/plan/relocationPlan";
import { ensureTool } from "../../support/tools";
import { chartYaml, temporaryFolder, writeFiles } from "../chartOnDisk";

let helm: string;
beforeAll(async () => {
  helm = await ensureTool("helm");
}, 600_000);

const digestFor = (source: string): string => digestOf(source);
const WEB = digestFor("quay.io/shop/web:1.0");
const API = digestFor("quay.io/shop/api:2.0");
const hex = (digest: string): string => digest.slice("sha256:".length);

const pod = (name: string, image: string, labels = ""): string =>
  `---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${labels}spec: { containers: [{ name: main, image: ${image} }] }\n`;

interface Case {
  readonly values: string;
  readonly template: string;
  readonly appVersion?: string;
  readonly given?: JsonObject;
  /** Target of each source. */
  readonly targets: Record<string, string>;
  /** What the chart renders in the end, sorted. */
  readonly rendered: readonly string[];
  /** Overrides that pin, by their path; those that only move images are left out. */
  readonly sets: Record<string, unknown>;
  /** Sources that stay with their tags. */
  readonly open?: readonly string[];
}

/** Charts as they are: each takes digests in its own way, or not at all. */
const CASES: Record<string, Case> = {
  "a whole reference takes it behind its tag": {
    values: "image: quay.io/shop/web:1.0\n",
    template: pod("web", "{{ .Values.image }}"),
    targets: { "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}` },
    rendered: [`mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { image: `mirror.test/p/shop/web:1.0@${WEB}` },
  },
  "an image that an upgrade alone has": {
    values: "web: quay.io/shop/web:1.0\napi: quay.io/shop/api:2.0\n",
    template: `${pod("web", "{{ .Values.web }}")}{{ if .Release.IsUpgrade }}\n${pod("api", "{{ .Values.api }}")}{{ end }}`,
    targets: {
      "quay.io/shop/api:2.0": `mirror.test/p/shop/api:2.0@${API}`,
      "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}`,
    },
    // As an install.
    rendered: [`mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { api: `mirror.test/p/shop/api:2.0@${API}`, web: `mirror.test/p/shop/web:1.0@${WEB}` },
  },
  "an empty digest, which drops the tag": {
    values: `image: { registry: quay.io, repository: shop/web, tag: "1.0", digest: "" }\n`,
    template: pod(
      "web",
      `{{ .Values.image.registry }}/{{ .Values.image.repository }}{{ with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag }}{{ end }}`,
    ),
    targets: { "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}` },
    rendered: [`mirror.test/p/shop/web@${WEB}`],
    sets: { "image.digest": WEB },
  },
  "a sha without its prefix": {
    values: `image: { repository: quay.io/shop/web, tag: "1.0", sha: "" }\n`,
    template: pod(
      "web",
      `"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.sha }}@sha256:{{ . }}{{ end }}"`,
    ),
    targets: { "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}` },
    rendered: [`mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { "image.sha": hex(WEB) },
  },
  "a digest that only a named template knows": {
    values: `api: { image: { repository: quay.io/shop/api, tag: "2.0" } }\nweb: { image: { repository: quay.io/shop/web, tag: "1.0" } }\n`,
    template: `{{- define "ref" }}{{ .repository }}:{{ .tag }}{{ if .digest }}@{{ .digest }}{{ end }}{{ end }}\n${pod("web", `{{ include "ref" .Values.web.image }}`)}${pod("api", `{{ include "ref" .Values.api.image }}`)}`,
    targets: {
      "quay.io/shop/api:2.0": `mirror.test/p/shop/api:2.0@${API}`,
      "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}`,
    },
    rendered: [`mirror.test/p/shop/api:2.0@${API}`, `mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { "api.image.digest": API, "web.image.digest": WEB },
  },
  "a tag that may go on": {
    values: `image: { repository: quay.io/shop/web, tag: "1.0" }\n`,
    template: pod("web", `"{{ .Values.image.repository }}:{{ .Values.image.tag }}"`),
    targets: { "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}` },
    rendered: [`mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { "image.tag": `1.0@${WEB}` },
  },
  "an empty tag that is the chart's own version": {
    values: `image: { repository: quay.io/shop/web, tag: "" }\n`,
    appVersion: "1.0",
    template: pod("web", `"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"`),
    targets: { "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}` },
    rendered: [`mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { "image.tag": `1.0@${WEB}` },
  },
  "a tag that labels show, which may hold no digest: it stays, and is told": {
    values: `image: { repository: quay.io/shop/web, tag: "1.0" }\n`,
    template: pod(
      "web",
      `"{{ .Values.image.repository }}:{{ .Values.image.tag }}"`,
      `  labels: { version: "{{ .Values.image.tag }}" }\n`,
    ),
    targets: { "quay.io/shop/web:1.0": "mirror.test/p/shop/web:1.0" },
    rendered: ["mirror.test/p/shop/web:1.0"],
    sets: {},
    open: ["quay.io/shop/web:1.0"],
  },
  "a tag that two images share takes the digest of neither": {
    values: `tag: "1.0"\n`,
    template: pod("web", `"quay.io/shop/web:{{ .Values.tag }}"`) + pod("api", `"quay.io/shop/other:{{ .Values.tag }}"`),
    targets: {
      "quay.io/shop/other:1.0": "mirror.test/p/shop/other:1.0",
      "quay.io/shop/web:1.0": "mirror.test/p/shop/web:1.0",
    },
    rendered: ["mirror.test/p/shop/other:1.0", "mirror.test/p/shop/web:1.0"],
    sets: {},
    open: ["quay.io/shop/other:1.0", "quay.io/shop/web:1.0"],
  },
  "a global digest for two images steps aside for their own": {
    values: `global: { digest: "" }\nweb: { repository: quay.io/shop/web, tag: "1.0", digest: "" }\napi: { repository: quay.io/shop/api, tag: "2.0", digest: "" }\n`,
    template: ["web", "api"]
      .map((of) =>
        pod(
          of,
          `"{{ .Values.${of}.repository }}:{{ .Values.${of}.tag }}{{ with .Values.global.digest | default .Values.${of}.digest }}@{{ . }}{{ end }}"`,
        ),
      )
      .join(""),
    targets: {
      "quay.io/shop/api:2.0": `mirror.test/p/shop/api:2.0@${API}`,
      "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}`,
    },
    rendered: [`mirror.test/p/shop/api:2.0@${API}`, `mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { "api.digest": API, "web.digest": WEB },
  },
  "a list keeps what else is in it": {
    values: `sidecars: [{ image: quay.io/shop/web:1.0, token: mine }]\nother: { tag: 1.0.1 }\n`,
    template: `{{ range .Values.sidecars }}${pod("web", "{{ .image }}")}{{ end }}`,
    targets: { "quay.io/shop/web:1.0": `mirror.test/p/shop/web:1.0@${WEB}` },
    rendered: [`mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { sidecars: [{ image: `mirror.test/p/shop/web:1.0@${WEB}`, token: "mine" }] },
  },
  "one of two places alone: the tag stays the target": {
    values: `image: quay.io/shop/web:1.0\n`,
    template: pod("web", "{{ .Values.image }}") + pod("again", "quay.io/shop/web:1.0"),
    targets: { "quay.io/shop/web:1.0": "mirror.test/p/shop/web:1.0" },
    rendered: ["mirror.test/p/shop/web:1.0", `mirror.test/p/shop/web:1.0@${WEB}`],
    sets: { image: `mirror.test/p/shop/web:1.0@${WEB}` },
    open: ["quay.io/shop/web:1.0"],
  },
  "a digest of the vendor's stays what it is": {
    values: `image: quay.io/shop/web@${WEB}\n`,
    template: pod("web", "{{ .Values.image }}"),
    targets: { [`quay.io/shop/web@${WEB}`]: `mirror.test/p/shop/web@${WEB}` },
    rendered: [`mirror.test/p/shop/web@${WEB}`],
    sets: { image: `mirror.test/p/shop/web@${WEB}` },
  },
  "a schema that forbids a digest": {
    values: `image: { repository: quay.io/shop/web, tag: "1.0" }\n`,
    template: `{{ if contains "@" .Values.image.tag }}{{ fail "image.tag must be a version" }}{{ end }}\n${pod("web", `"{{ .Values.image.repository }}:{{ .Values.image.tag }}"`)}`,
    targets: { "quay.io/shop/web:1.0": "mirror.test/p/shop/web:1.0" },
    rendered: ["mirror.test/p/shop/web:1.0"],
    sets: {},
    open: ["quay.io/shop/web:1.0"],
  },
};

/** Relocates a chart, pins it, and renders it as it would be deployed. */
async function pinned({ values, template, appVersion = "9.9", given = {} }: Case) {
  const folder = await writeFiles({
    "shop/Chart.yaml": chartYaml("shop", "1.0.0", `appVersion: "${appVersion}"\n`),
    "shop/values.yaml": values,
    "shop/templates/pods.yaml": template,
  });
  const renderOf = (chart: string) => helmCommand(helm, { chart, releaseName: "release", namespace: "default" });
  const chartFolder = join(folder, "shop");
  const chart = await readChart(chartFolder);
  const renderPatched = async (files: ReadonlyMap<string, string>) => {
    const copy = await ChartCopy.create(chartFolder, join(await temporaryFolder(), "shop"));
    await copy.apply(files);
    return renderOf(copy.folder);
  };
  const options = { chart, values: given, render: renderOf(chartFolder), renderPatched };
  const moved = await relocateChart({ ...options, mirror: { host: "mirror.test", path: "p" } });
  const images = moved.images.map((image) => ({
    ...image,
    digest: image.source.split("@")[1] ?? digestFor(image.source),
  }));
  const plan = await pinDigests({ ...options, plan: { ...moved, images } });
  const render = plan.patches.length > 0 ? await renderPatched(patchedFiles(chart, plan.patches)) : options.render;
  const after = await render(mergeValues(given, plan.values));
  return { moved, plan, rendered: findImages(after, { values: {} }).map(({ reference }) => reference) };
}

const setBy = ({ overrides }: Pick<RelocationPlan, "overrides">): Record<string, unknown> =>
  Object.fromEntries(
    overrides
      .filter(({ value }) => JSON.stringify(value).match(/[0-9a-f]{64}/))
      .map(({ path, value }) => [path.join("."), value]),
  );

describe("pinDigests", () => {
  it.each(Object.entries(CASES))("%s", async (_, expected) => {
    const { plan, rendered, moved } = await pinned(expected);
    expect(Object.fromEntries(plan.images.map(({ source, target }) => [source, target]))).toEqual(expected.targets);
    expect(rendered.sort()).toEqual(expected.rendered);
    expect(setBy(plan)).toEqual(expected.sets);
    const open = plan.findings.filter(({ code }) => code === "DIGEST_NOT_PINNED");
    expect(open.map(({ message }) => message.split(" ")[0])).toEqual(expected.open ?? []);
    // What has been moved stays moved, and no digest is invented.
    for (const { path } of moved.overrides)
      expect(plan.overrides.map((override) => override.path.join("."))).toContain(path.join("."));
    expect(JSON.stringify(plan)).not.toContain("d19e57");
  });

  it("leaves images alone whose digest is not known", async () => {
    const { values, template } = CASES["a tag that may go on"] as Case;
    const folder = await writeFiles({
      "shop/Chart.yaml": chartYaml("shop"),
      "shop/values.yaml": values,
      "shop/templates/pods.yaml": template,
    });
    const chart = await readChart(join(folder, "shop"));
    const render = helmCommand(helm, { chart: join(folder, "shop"), releaseName: "release", namespace: "default" });
    const plan = await relocateChart({ chart, values: {}, render, mirror: { host: "mirror.test" } });
    expect(await pinDigests({ chart, values: {}, render, plan })).toEqual(plan);
  });
});
