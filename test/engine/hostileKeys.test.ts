import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage } from "../support/images";

jest.setTimeout(900_000);

const chart = (key: string) => ({
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "x: 1\n",
  "chart/templates/web.yaml": `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - name: web
      image: "{{ if index .Values "${key}" }}{{ index .Values "${key}" "plainHttp" }}:1.0{{ else }}quay.io/team/web:1.0{{ end }}"
`,
});
/** The mirror is to be reached by TLS, which it does not speak: only a program that was misled would make a request. */
const program = (values: string) => `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team",
    credentials: { username: "robot", password: "s3cr3t" } });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess, checkLogins: false, values: ${values} });
`;

const stage = new MirrorStage({
  images: { "team/web:1.0": makeImage() },
  mirror: { auth: { scheme: "basic", users: { robot: "s3cr3t" } } },
});

it.each(["__proto__", "constructor"])(
  "a chart that names .Values.%s.plainHttp takes TLS from no preview",
  async (key) => {
    const project = await stage.project({ program: { "index.ts": program("{}"), ...chart(key) } });
    await project.preview();
    expect(stage.mirror.requests.all).toEqual([]);
  },
);

it("refuses values that the SDK would send as others", async () => {
  const values = `JSON.parse('{"a":{"__proto__":{"image":"evil.test/a:1"}}}')`;
  const project = await stage.project({ program: { "index.ts": program(values), ...chart("x") } });
  const { errors } = await project.preview({ expectFailure: true });
  expect(errors).toMatch(/loses the key a\.__proto__/);
});
