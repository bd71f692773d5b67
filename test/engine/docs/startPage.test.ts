/** The program of docs/start.md, as a new user pastes it: with a chart and a registry that are here in place of its own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expectUnchanged } from "../../support/engine";
import { MirrorStage } from "../../support/engine/mirrorStage";
import { makeImage } from "../../support/images";

jest.setTimeout(900_000);

const page = readFileSync(join(__dirname, "../../../docs/start.md"), "utf8");
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? "";

/** The page's program, whose chart and sources are on the internet. */
function programHere(): string {
  const text = block("ts");
  const there =
    '  chart: "podinfo",\n  version: "6.7.1",\n  repositoryOpts: { repo: "https://stefanprodan.github.io/podinfo" },\n';
  expect(text).toContain(there);
  const sources = `sourceAccess: [{ host: "ghcr.io", location: config.require("sourceHost"), plainHttp: true }],`;
  return text.replace(there, `  chart: "./podinfo",\n  ${sources}\n`);
}

const stage = new MirrorStage({
  images: { "stefanprodan/podinfo:6.7.1": makeImage({ layers: [{ size: 2000, seed: "podinfo" }] }) },
  mirror: { auth: { scheme: "basic", users: { ci: "page-secret" } } },
});

it("does what the page says: previews, copies, deploys, and changes nothing twice", async () => {
  expect(block("yaml")).toBe("name: shop\nruntime: nodejs\n");
  const project = await stage.project({
    program: {
      "index.ts": programHere(),
      "podinfo/Chart.yaml": "apiVersion: v2\nname: podinfo\nversion: 6.7.1\n",
      "podinfo/values.yaml": "image: { repository: ghcr.io/stefanprodan/podinfo, tag: 6.7.1 }\nimagePullSecrets: []\n",
      "podinfo/templates/pod.yaml":
        "apiVersion: v1\nkind: Pod\nmetadata: { name: podinfo }\nspec:\n  imagePullSecrets: {{ toJson .Values.imagePullSecrets }}\n" +
        '  containers: [{ name: podinfo, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}" }]\n',
    },
    config: { registry: stage.mirror.host, user: "ci", password: { secret: "page-secret" }, plainHttp: "true" },
  });
  const preview = await project.preview({ diff: true });
  expect(preview.everything).toContain(`${stage.mirror.host}/platform/stefanprodan/podinfo:6.7.1`);
  await project.up();
  expect(stage.mirror.tags("platform/stefanprodan/podinfo")).toEqual(["6.7.1"]);
  expect(await project.outputs()).toMatchObject({
    images: [{ source: "ghcr.io/stefanprodan/podinfo:6.7.1" }],
    overrides: { image: { repository: `${stage.mirror.host}/platform/stefanprodan/podinfo` } },
  });
  expect(JSON.stringify(stage.cluster.object("Pod", "podinfo", "podinfo"))).not.toContain("ghcr.io");
  expectUnchanged(await project.up());
});
