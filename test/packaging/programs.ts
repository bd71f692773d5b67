import type { Cell } from "./cells";

/** A chart with two images, one of which no global registry reaches. */
export const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "global: { imageRegistry: quay.io }\nweb: team/web:1.0\nproxy: quay.io/team/proxy:2.0\n",
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: "{{ .Values.global.imageRegistry }}/{{ .Values.web }}"
        - name: proxy
          image: "{{ .Values.proxy }}"
`,
};

const body = `
const config = new pulumi.Config();
const registry = new ExistingRegistry("mirror", {
  host: config.require("mirrorHost"),
  path: "team",
  credentials: { username: "ci", password: config.requireSecret("password") },
  plainHttp: true,
});
const web = new MirroredRelease("web", {
  chart: "./chart",
  registry,
  sourceAccess: [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }],
});
`;

/** The same program for TypeScript, CommonJS and ES modules. @param from the package that has the components */
export function programFiles(kind: Cell["program"], from: string): Readonly<Record<string, string>> {
  const imports = `import * as pulumi from "@pulumi/pulumi";\nimport { ExistingRegistry, MirroredRelease } from "${from}";\n`;
  const exported = `export const images = web.images;\n`;
  if (kind === "ts") return { "index.ts": imports + body + exported };
  if (kind === "esm") return { "index.js": imports + body + exported };
  const required = `const pulumi = require("@pulumi/pulumi");\nconst { ExistingRegistry, MirroredRelease } = require("${from}");\n`;
  return { "index.js": `${required}${body}exports.images = web.images;\n` };
}
