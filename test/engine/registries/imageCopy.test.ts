import { createProject, expectUnchanged, type Project } from "../../support/engine";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";

jest.setTimeout(900_000);

const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ImageCopy } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const copy = new ImageCopy("app", {
    source: config.require("source"),
    target: config.require("target"),
    access: [
      { host: config.require("sourceHost"), username: "reader", password: config.requireSecret("readerPassword"), plainHttp: true },
      { host: config.require("targetHost"), username: "ci", password: config.requireSecret("ciPassword"), plainHttp: true },
    ],
  });
  export const digest = copy.digest;
  export const size = copy.size;
  export const platforms = copy.platforms;
`;

const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "app" }] });
const newer = makeImage({ platforms: ["linux/amd64"], layers: [{ size: 5000, seed: "newer" }] });

describe("ImageCopy on the real engine", () => {
  let source: TestRegistry;
  let target: TestRegistry;
  let project: Project;

  beforeEach(async () => {
    source = await startRegistry({ auth: { scheme: "bearer", users: { reader: "reader-secret" } } });
    target = await startRegistry({ auth: { scheme: "basic", users: { ci: "ci-secret-one" } } });
    await pushImage(source, "team/app:1.0", image);
    project = await createProject({
      program: { "index.ts": PROGRAM },
      config: {
        source: `${source.host}/team/app:1.0`,
        target: `${target.host}/mirror/app:1.0`,
        sourceHost: source.host,
        targetHost: target.host,
        readerPassword: { secret: "reader-secret" },
        ciPassword: { secret: "ci-secret-one" },
      },
    });
  });
  afterEach(async () => {
    await project.dispose();
    await source.close();
    await target.close();
  });

  it("shows what it is in the preview, copies once, keeps passwords secret, and sees no change in a rotated one", async () => {
    const preview = await project.preview({ diff: true });
    expect(preview.step("app")).toMatchObject({
      operation: "create",
      inputs: {
        source: `${source.host}/team/app:1.0`,
        target: `${target.host}/mirror/app:1.0`,
        digest: image.digest,
        size: image.size,
        platforms: ["linux/amd64", "linux/arm64"],
      },
    });
    expect(preview.stdout).toContain(image.digest);
    expect(target.repositories()).toEqual([]);

    const up = await project.up();
    expect(target.tag("mirror/app", "1.0")).toBe(image.digest);
    expect(await target.defects("mirror/app", "1.0")).toEqual([]);
    expect(await project.outputs()).toEqual({
      digest: image.digest,
      size: image.size,
      platforms: ["linux/amd64", "linux/arm64"],
    });
    expectUnchanged(await project.up());

    const state = JSON.stringify(await project.exportState());
    for (const text of [preview.everything, up.everything, state])
      expect(text).not.toMatch(/reader-secret|ci-secret-one/);

    target.setPassword("ci", "ci-secret-two");
    await project.setConfig({ ciPassword: { secret: "ci-secret-two" } });
    expectUnchanged(await project.up());
    const elsewhere = await project.onAnotherMachine();
    expectUnchanged(await elsewhere.up());
  });

  it("copies again what has gone from the target, and finds it by refresh as well", async () => {
    await project.up();
    target.deleteManifest("mirror/app", image.digest);
    const preview = await project.preview();
    expect(preview.changes).toEqual({ "pulumi-nodejs:dynamic/chart-mirror:ImageCopy::app": "update" });
    expect(preview.warnings).toMatch(/mirror\/app:1\.0 is missing/);
    await project.up();
    expect(target.tag("mirror/app", "1.0")).toBe(image.digest);
    expectUnchanged(await project.up());

    target.deleteManifest("mirror/app", image.digest);
    await project.refresh();
    expect((await project.up()).changes).toEqual({ "pulumi-nodejs:dynamic/chart-mirror:ImageCopy::app": "create" });
    expect(target.tag("mirror/app", "1.0")).toBe(image.digest);
  });

  it("does not end well with a password that the target refuses, whose images are gone", async () => {
    await project.up();
    target.deleteManifest("mirror/app", image.digest);
    await project.setConfig({ ciPassword: { secret: "wrong-secret" } });
    const preview = await project.preview();
    expect(preview.changes).toEqual({ "pulumi-nodejs:dynamic/chart-mirror:ImageCopy::app": "update" });
    expect(preview.warnings).toMatch(/Could not check that .* refused the login of user "ci"/);
    const up = await project.up({ expectFailure: true });
    expect(up.errors).toMatch(/refused the login of user "ci"/);
    expect(up.everything).not.toMatch(/wrong-secret|ci-secret-one/);

    await project.setConfig({ ciPassword: { secret: "ci-secret-one" } });
    await project.up();
    expect(target.tag("mirror/app", "1.0")).toBe(image.digest);
  });

  it("follows a tag that has moved, stays in place while its source is out of reach, and leaves the image when it goes", async () => {
    await project.up();
    await pushImage(source, "team/app:1.0", newer);
    const preview = await project.preview({ diff: true });
    expect(preview.stdout).toContain(image.digest);
    expect(preview.stdout).toContain(newer.digest);
    await project.up();
    expect(target.tag("mirror/app", "1.0")).toBe(newer.digest);

    await source.close();
    const up = await project.up();
    expectUnchanged(up);
    expect(up.warnings).toContain(newer.digest);

    await project.destroy();
    expect(target.tag("mirror/app", "1.0")).toBe(newer.digest);
  });

  it.each<[string, (host: string) => Record<string, string | { secret: string }>, RegExp]>([
    ["a tag that is not there", (host) => ({ source: `${host}/team/app:2.0` }), /team\/app:2\.0 was not found/],
    ["an invalid reference", (host) => ({ source: `${host}/Team/App` }), /is not an image reference/],
    ["a refused login", () => ({ readerPassword: { secret: "wrong-secret" } }), /refused the login of user "reader"/],
  ])("fails the preview for %s", async (_, change, message) => {
    await project.setConfig(change(source.host));
    const preview = await project.preview({ expectFailure: true });
    expect(preview.errors).toMatch(message);
    expect(preview.everything).not.toMatch(/wrong-secret|ci-secret-one/);
    expect(target.repositories()).toEqual([]);
  });
});
