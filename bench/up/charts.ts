import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A chart's files, path → text. */
export type ChartFiles = Readonly<Record<string, string>>;

const many = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));
const chartYaml = (name: string): string => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;

const deployment = (name: string, image: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: app
          image: "${image}"
          ports: [{ containerPort: 8080 }]
          resources: { requests: { cpu: 10m, memory: 32Mi } }
`;

/** A chart with so many images, each with values and a workload of its own. */
export function chartOfImages(count: number): ChartFiles {
  const value = (i: number): string => `app${i}: { image: { repository: quay.io/team/app-${i}, tag: "1" } }\n`;
  const template = (i: number): [string, string] => [
    `templates/app-${i}.yaml`,
    deployment(`app-${i}`, `{{ .Values.app${i}.image.repository }}:{{ .Values.app${i}.image.tag }}`),
  ];
  return {
    "Chart.yaml": chartYaml("web"),
    "values.yaml": many(count, value).join(""),
    ...Object.fromEntries(many(count, template)),
  };
}

/** One image, and so many documents: a workload and a ConfigMap in turn. */
function chartOfDocuments(count: number): ChartFiles {
  const workload = deployment("app-{{ $i }}", "{{ $.Values.image.repository }}:{{ $.Values.image.tag }}");
  const settings = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: "settings-{{ $i }}" }
data:
  settings.yaml: |
    server: { port: 8080, name: "app-{{ $i }}" }
    log: { level: info, format: json }
`;
  return {
    "Chart.yaml": chartYaml("documents"),
    "values.yaml": `image: { repository: quay.io/team/web, tag: "1" }\npairs: ${count / 2}\n`,
    "templates/all.yaml": `{{- range $i := until (int .Values.pairs) }}\n${workload}${settings}{{- end }}\n`,
  };
}

/** So many images that stand in the templates themselves, twenty in a file: no value reaches them. */
function chartOfLiterals(count: number): ChartFiles {
  const file = (f: number): [string, string] => [
    `templates/part-${f}.yaml`,
    many(20, (i) => deployment(`app-${f * 20 + i}`, `quay.io/team/app-${f * 20 + i}:1.${i}`)).join(""),
  ];
  return { "Chart.yaml": chartYaml("literals"), "values.yaml": "{}\n", ...Object.fromEntries(many(count / 20, file)) };
}

/** So many sub-charts, each with an image, its values and three objects. */
function chartOfSubcharts(count: number): ChartFiles {
  const objects = `${deployment("{{ .Chart.Name }}", "{{ .Values.image.repository }}:{{ .Values.image.tag }}")}---
apiVersion: v1
kind: Service
metadata: { name: "{{ .Chart.Name }}" }
spec: { selector: { app: "{{ .Chart.Name }}" }, ports: [{ port: {{ .Values.port }} }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Chart.Name }}" }
data: { name: "{{ .Release.Name }}" }
`;
  const part = (i: number): [string, string][] => [
    [`charts/part-${i}/Chart.yaml`, chartYaml(`part-${i}`)],
    [`charts/part-${i}/values.yaml`, `image: { repository: quay.io/team/part-${i}, tag: "1" }\nport: 8080\n`],
    [`charts/part-${i}/templates/all.yaml`, objects],
  ];
  return { "Chart.yaml": chartYaml("parts"), "values.yaml": "{}\n", ...Object.fromEntries(many(count, part).flat()) };
}

/** What an analysis takes long for. */
export const LARGE_CHARTS: Readonly<Record<string, ChartFiles>> = {
  "2,000 documents": chartOfDocuments(2000),
  "2,000 literals": chartOfLiterals(2000),
  "60 sub-charts": chartOfSubcharts(60),
};

export function writeChart(folder: string, files: ChartFiles): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
