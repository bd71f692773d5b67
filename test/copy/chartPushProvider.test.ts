import { packChart } from "../../src/chart/source/packChart";
import { chartPushProvider, type ChartPushInputs } from "../../src/copy/chartPushProvider";
import type { AccessInput } from "../../src/copy/imageCopyInputs";
import { digestOf } from "../../src/image/digest";
import { formatReference } from "../../src/image/reference";
import {
  AccessDeniedError,
  LoginRefusedError,
  LoginRequiredError,
  RegistryUnreachableError,
} from "../../src/oci/errors/errors";
import { artifactManifest } from "../../src/oci/manifest/artifactManifest";
import { chartArtifact } from "../../src/plan/chartArtifact";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const target = "mirror.test/team/charts/shop:1.2.3";
const archiveOf = (values: string): Buffer =>
  packChart("shop", [
    { path: "Chart.yaml", data: Buffer.from("apiVersion: v2\nname: shop\nversion: 1.2.3\n") },
    { path: "values.yaml", data: Buffer.from(values) },
  ]);
const metadata = { apiVersion: "v2", name: "shop", version: "1.2.3" };
const archive = archiveOf("{}");
const { digest } = artifactManifest(chartArtifact(metadata, archive));
const access: AccessInput[] = [{ host: "mirror.test", username: "ci", password: "hunter2!" }];
const inputs: ChartPushInputs = { file: "shop.tgz", target, version: "1.2.3", digest, access };
const done = { ...inputs, pushedVersion: "1.2.3" };
const other = digestOf("other");

/** A registry that holds these digests by reference, and a disk that holds this archive. */
function setUp(content: Record<string, string | Error> = {}, onDisk: Buffer | Error = archive) {
  const warnings: string[] = [];
  const pushed: string[] = [];
  const provider = chartPushProvider({
    registriesFor: () => ({
      head: (reference) => {
        const found = content[formatReference(reference)];
        if (found instanceof Error) return Promise.reject(found);
        return Promise.resolve(found === undefined ? undefined : ({ digest: found } as never));
      },
      pushArtifact: (reference, artifact) => {
        const stored = artifactManifest(artifact).digest;
        content[formatReference(reference)] = stored;
        pushed.push(stored);
        return Promise.resolve({ digest: stored } as never);
      },
    }),
    log: { info: () => undefined, warn: (message) => warnings.push(message), status: () => undefined },
    read: () => (onDisk instanceof Error ? Promise.reject(onDisk) : Promise.resolve(onDisk)),
  });
  return { provider, warnings, pushed, content };
}

describe("create and update", () => {
  it("push the artifact that was planned, and tell its version only then", async () => {
    const { provider, pushed } = setUp();
    expect(await provider.create?.(inputs)).toEqual({ id: target, outs: done });
    expect(pushed).toEqual([digest]);
  });

  it("push nothing that is there, since tags may be immutable", async () => {
    const { provider, pushed } = setUp({ [target]: digest }, new Error("not read"));
    expect(await provider.update?.(target, done, inputs)).toEqual({ outs: done });
    expect(pushed).toEqual([]);
  });

  it.each<[string, Buffer | Error, RegExp]>([
    ["another chart", archiveOf("a: 1"), /Pushing the chart shop\.tgz to mirror\.test.* failed: it makes the artifact/],
    ["no archive", Buffer.from("hello"), /Pushing the chart shop\.tgz to mirror\.test/],
    ["nothing", new Error("ENOENT: no such file"), /ENOENT.*Run the program again/],
  ])("refuse %s on disk", async (_, onDisk, message) => {
    const { provider, pushed } = setUp({}, onDisk);
    await expect(provider.create?.(inputs)).rejects.toThrow(message);
    expect(pushed).toEqual([]);
  });
});

describe("diff", () => {
  it("sees no change in another login and another place on disk", async () => {
    const { provider } = setUp({ [target]: digest });
    const moved = { ...inputs, file: "elsewhere.tgz", access: [{ host: "mirror.test", username: "x", password: "y" }] };
    expect(await provider.diff?.(target, done, moved)).toEqual({ changes: false });
  });

  it.each([
    ["missing", {}, /missing in the registry/],
    ["another one", { [target]: other }, new RegExp(`${other} in place of`)],
  ])("pushes a chart again that is %s, and says so", async (_, content, message) => {
    const { provider, warnings } = setUp(content);
    expect(await provider.diff?.(target, done, inputs)).toEqual({ changes: true });
    expect(warnings).toEqual([expect.stringMatching(message)]);
  });

  it("warns of content that changes under the same version", async () => {
    const { provider, warnings } = setUp({ [target]: digest });
    expect(await provider.diff?.(target, done, { ...inputs, digest: other })).toEqual({ changes: true });
    expect(warnings).toEqual([expect.stringMatching(/has changed and its version has not/)]);
  });

  it("replaces another target, and asks nothing with an unknown login", async () => {
    const { provider } = setUp({ [target]: new Error("not asked") });
    const elsewhere = { ...inputs, target: "mirror.test/team/charts/shop:1.2.4" };
    expect(await provider.diff?.(target, done, elsewhere)).toEqual({ changes: true, replaces: ["target"] });
    const unknown = [{ host: "mirror.test", username: "ci", password: UNKNOWN }];
    expect(await provider.diff?.(target, done, { ...inputs, access: unknown })).toEqual({ changes: false });
  });

  it.each([
    new LoginRefusedError("mirror.test", "ci"),
    new LoginRequiredError("mirror.test", "looking for an image"),
    new AccessDeniedError("mirror.test", "ci", "looking for an image"),
  ])("lets an update look again where the mirror does not tell what it has ($code)", async (error) => {
    const { provider, warnings } = setUp({ [target]: error });
    expect(await provider.diff?.(target, done, inputs)).toEqual({ changes: true });
    expect(warnings).toHaveLength(1);
  });

  it("does not stop a preview that cannot reach the mirror", async () => {
    const { provider, warnings } = setUp({ [target]: new RegistryUnreachableError("mirror.test", "timeout") });
    expect(await provider.diff?.(target, done, inputs)).toEqual({ changes: false });
    expect(warnings).toEqual([expect.stringMatching(/Could not check that the chart/)]);
  });
});

describe("read", () => {
  it("tells what the registry has, and keeps what cannot be asked", async () => {
    expect(await setUp({ [target]: other }).provider.read?.(target, done)).toEqual({
      id: target,
      props: { ...done, digest: other },
    });
    expect(await setUp().provider.read?.(target, done)).toEqual({});
    const unreachable = setUp({ [target]: new RegistryUnreachableError("mirror.test", "timeout") });
    expect(await unreachable.provider.read?.(target, done)).toEqual({ id: target, props: done });
  });
});
