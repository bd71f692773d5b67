/** What a chart `web` is made of. */
export interface WebChart {
  /** The text of values.yaml. */
  readonly values: string;
  /** Images as the template writes them, by the names of their containers. */
  readonly containers: Readonly<Record<string, string>>;
  /** Whether its pods take `imagePullSecrets` from the values. Default: false. */
  readonly pullSecrets?: boolean;
}

const PULL_SECRETS = `
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets: {{ toYaml . | nindent 8 }}
      {{- end }}`;

/** A chart with one Deployment, named as its release, as a program's files below `chart/`. */
export function webChart({ values, containers, pullSecrets = false }: WebChart): Record<string, string> {
  const list = Object.entries(containers).map(([name, image]) => `        - { name: ${name}, image: "${image}" }\n`);
  return {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
    "chart/values.yaml": values,
    "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:${pullSecrets ? PULL_SECRETS : ""}
      containers:
${list.join("")}`,
  };
}
