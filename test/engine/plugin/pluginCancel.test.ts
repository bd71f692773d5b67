/** Ctrl-C in the middle of a copy that the plugin makes: the update ends, the state is right, and the next one goes on. */
import { yamlProject } from "../../support/engine/yamlProgram";
import { MirrorStage } from "../../support/engine/mirrorStage";
import { makeImage } from "../../support/images";

jest.setTimeout(300_000);

const image = makeImage({
  layers: [
    { size: 2000, seed: "small" },
    { size: 4_000_000, seed: "large" },
  ],
});
const layer = (size: number) => image.blobs.find((blob) => blob.size === size)!;
const [small, large] = [layer(2000), layer(4_000_000)];
const COPY = "chart-mirror:index:ImageCopy::mirror/quay.io/team/web:1.0";

const stage = new MirrorStage({ images: { "team/web:1.0": image } });

const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "image: quay.io/team/web:1.0\n",
  "chart/templates/web.yaml": `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: web, image: "{{ .Values.image }}" }] }
`,
};

it("stops the copy, keeps what is whole, and goes on with what is missing", async () => {
  const body = `resources:
  mirror:
    type: chart-mirror:ExistingRegistry
    properties: { host: "\${mirrorHost}", plainHttp: true }
  web:
    type: chart-mirror:MirroredRelease
    properties:
      chart: ./chart
      registry: \${mirror}
      sourceAccess: [{ host: quay.io, location: "\${sourceHost}", plainHttp: true }]
`;
  const { program, path } = await yamlProject(body, ["mirrorHost", "sourceHost"]);
  const { source, mirror } = stage;
  const project = await stage.project({ program: { ...program, ...CHART }, path });
  // It would take more than half an hour.
  source.faults.add({
    match: { method: "GET", path: new RegExp(large.digest), times: Infinity },
    action: { kind: "slow", bytesPerSecond: 2000 },
  });
  const interruption = new AbortController();
  const interrupted = project.up({ signal: interruption.signal, expectFailure: true });
  const slow = { method: "GET", path: new RegExp(large.digest) };
  const inTheMiddle = (): boolean =>
    mirror.has("team/web", small.digest) && source.requests.find(slow).some(({ sent }) => sent > 0);
  while (!inTheMiddle()) await new Promise((resolve) => setTimeout(resolve, 20));
  interruption.abort();
  const { errors, diagnostics } = await interrupted;
  expect(errors).toContain("The update was cancelled while this was under way");
  expect(diagnostics.find(({ message }) => message.includes("cancelled"))?.urn).toMatch(new RegExp(`${COPY}$`));
  expect(mirror.tag("team/web", "1.0")).toBeUndefined();
  expect(await source.connections()).toBe(0);
  const state = await project.exportState();
  expect(state.resources?.filter(({ type }) => type.endsWith(":ImageCopy"))).toEqual([]);
  expect(state).not.toHaveProperty("pending_operations");

  source.faults.clear();
  const next = await project.up();
  expect(next.changes[COPY]).toBe("create");
  expect(mirror.tag("team/web", "1.0")).toBe(image.digest);
  expect(source.requests.count({ method: "GET", path: new RegExp(small.digest) })).toBe(1);
});
