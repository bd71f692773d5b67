import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage } from "../support/images";

jest.setTimeout(900_000);

const stage = new MirrorStage({ images: { "team/web:1.0": makeImage() } });

it("asks no registry for an image that a chart names by a secret", async () => {
  const project = await stage.project({
    program: {
      "index.ts": `
        import * as pulumi from "@pulumi/pulumi";
        import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
        const config = new pulumi.Config();
        const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), plainHttp: true });
        const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
        const values = { password: pulumi.secret("planted-password") };
        new MirroredRelease("web", { chart: "./chart", registry, sourceAccess, values });
      `,
      "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
      "chart/values.yaml": "password: none\n",
      "chart/templates/web.yaml": `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: web, image: "quay.io/team/{{ .Values.password }}:1.0" }] }
`,
    },
  });
  const { errors } = await project.preview({ expectFailure: true });
  expect(errors).toMatch(/chart web makes its name of a value that is a secret/);
  expect(JSON.stringify(stage.source.requests.all)).not.toContain("planted-password");
});
