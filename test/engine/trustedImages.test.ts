import { parseReference } from "../../src/image/reference";
import { Registries } from "../../src/oci/registries";
import { verifyTrust } from "../../src/trust/verifyTrust";
import { expectUnchanged } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage, pushImage } from "../support/images";
import { attach, keyPair, payloadOf, pem, signed } from "../trust/cosign";

jest.setTimeout(900_000);

const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\n",
  "chart/values.yaml": `
web: { image: { registry: quay.io, repository: shop/web, tag: "1.0", digest: "" } }
api: { image: quay.io/shop/api:2.0 }
`,
  "chart/templates/shop.yaml": `
{{- $web := .Values.web.image }}
apiVersion: v1
kind: Pod
metadata: { name: shop }
spec:
  containers:
    - { name: web, image: "{{ $web.registry }}/{{ $web.repository }}{{ with $web.digest }}@{{ . }}{{ else }}:{{ $web.tag }}{{ end }}" }
    - { name: api, image: {{ .Values.api.image }} }
`,
};
const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", plainHttp: true });
  const release = new MirroredRelease("shop", {
    chart: "./chart",
    registry,
    sourceAccess: [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }],
    trust: { rules: [{ pattern: "quay.io/shop/*", key: config.require("key") }] },
    referrers: true,
    pinDigests: true,
  });
  export const images = release.images;
`;
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const KEYS = keyPair();
const SIGNATURE = "dev.cosignproject.cosign/signature";
const web = makeImage({ layers: [{ size: 2000, seed: "web" }] });
const api = makeImage({ layers: [{ size: 1000, seed: "api" }] });
const rebuilt = makeImage({ layers: [{ size: 1100, seed: "rebuilt" }] });
const signatureTag = ({ digest }: { digest: string }): string => `${digest.replace(":", "-")}.sig`;

const stage = new MirrorStage({ images: { "shop/web:1.0": web, "shop/api:2.0": api } });

async function sign(repository: string, image: typeof web, keys = KEYS): Promise<void> {
  const payload = payloadOf(image.digest);
  await attach(stage.source, repository, image, payload, { [SIGNATURE]: signed(payload, keys) });
}

describe("a release whose images must be signed, with digests in its values", () => {
  it("refuses what nobody has signed, and deploys what was signed with its signatures, by digest", async () => {
    const program = { "index.ts": PROGRAM, ...CHART };
    const project = await stage.project({ program, config: { key: pem(KEYS) } });
    await sign("shop/web", web);
    const unsigned = await project.preview({ expectFailure: true });
    expect(unsigned.errors).toContain(
      `Image quay.io/shop/api:2.0 is not signed as the rule for quay.io/shop/* asks for (by its key): nobody has signed ${api.digest}`,
    );
    expect(unsigned.errors).not.toContain("quay.io/shop/web");
    await sign("shop/api", api, keyPair());
    expect((await project.preview({ expectFailure: true })).errors).toContain("signature verification failed");
    expect((await project.up({ expectFailure: true })).errors).toContain("signature verification failed");
    expect([stage.mirror.repositories(), stage.cluster.releases()]).toEqual([[], []]);

    await sign("shop/api", api);
    const targets = {
      web: `${stage.mirror.host}/team/shop/web:1.0@${web.digest}`,
      api: `${stage.mirror.host}/team/shop/api:2.0@${api.digest}`,
    };
    const preview = await project.preview();
    expect(preview.step("kubernetes:helm.sh/v3:Release::shop").inputs).toMatchObject({
      values: {
        web: { image: { registry: `${stage.mirror.host}/team`, digest: web.digest } },
        api: { image: targets.api },
      },
    });
    await project.up();
    const { images } = (await project.outputs()) as { images: { target: string }[] };
    expect(images.map(({ target }) => target).sort()).toEqual([targets.api, targets.web]);
    const deployed = JSON.stringify(stage.cluster.releases());
    expect(deployed).toContain(`${stage.mirror.host}/team/shop/web@${web.digest}`);
    expect(deployed).toContain(targets.api);
    expectUnchanged(await project.up());

    // Whoever verifies in the cluster asks the mirror, and finds there what the source has.
    expect(stage.mirror.tags("team/shop/web")).toEqual(["1.0", signatureTag(web)]);
    const registries = new Registries({ access: [{ host: stage.mirror.host, plainHttp: true }] });
    const inMirror = Object.values(targets).map((source) => ({
      source,
      digest: parseReference(source).digest as string,
    }));
    const rules = [{ pattern: `${stage.mirror.host}/*`, key: pem(KEYS) }];
    await verifyTrust(inMirror, { rules }, { registries, read: () => Promise.reject(new Error("no root is needed")) });
    registries.close();

    // Whatever becomes of a tag, the release moves by its values, and only when the new image was signed as well.
    await pushImage(stage.source, "shop/api:2.0", rebuilt);
    expect((await project.preview({ expectFailure: true })).errors).toContain(`nobody has signed ${rebuilt.digest}`);
    await sign("shop/api", rebuilt);
    const moved = await project.preview();
    expect(moved.changes).toEqual({
      [`${COPY}::mirror/quay.io/shop/api:2.0`]: "update",
      "kubernetes:helm.sh/v3:Release::shop": "update",
    });
    expect(moved.warnings).toContain(`it was ${api.digest}, mirrored since 20`);
    await project.up();
    expect(JSON.stringify(stage.cluster.releases())).toContain(
      `${stage.mirror.host}/team/shop/api:2.0@${rebuilt.digest}`,
    );
    expect(stage.mirror.tags("team/shop/api")).toContain(signatureTag(rebuilt));
  });
});
