import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { CopyMethod } from "../../../src/copy/copyMethod";
import { ImageCopy } from "../../../src/copy/imageCopy";
import type { ImageInMirror } from "../../../src/copy/imageInMirror";
import { ExistingRegistry, type ExistingRegistryArgs } from "../../../src/registry/existingRegistry";
import type { MirrorImagesOptions } from "../../../src/registry/mirrorRegistry";
import { makeImage, pushImage, type SyntheticImage } from "../../support/images";
import { refuseUndeclared } from "../../support/providers/declaredInputs";
import { startRegistry, type TestRegistry } from "../../support/registry";

const PUSHED = `sha256:${"f".repeat(64)}`;
const registered: pulumi.runtime.MockResourceArgs[] = [];
const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "app" }] });
const { manifests: children } = JSON.parse(String(image.manifests.at(-1)?.bytes)) as {
  manifests: { digest: string; platform: { architecture: string } }[];
};
const child = (architecture: string): string =>
  children.find(({ platform }) => platform.architecture === architecture)?.digest ?? "";
const configOf = ({ manifests }: SyntheticImage, digest: string): string =>
  (JSON.parse(String(manifests.find((one) => one.digest === digest)?.bytes)) as { config: { digest: string } }).config
    .digest;

let source: TestRegistry;
const environment = { ...process.env };

beforeEach(async () => {
  registered.length = 0;
  // No login of this machine.
  for (const name of ["HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"])
    process.env[name] = "/nowhere";
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      refuseUndeclared(args.type, args.inputs);
      registered.push(args);
      const computed = args.type === "docker:index/registryImage:RegistryImage" ? { sha256Digest: PUSHED } : {};
      return { id: args.name, state: { ...(args.inputs as Record<string, unknown>), ...computed } };
    },
    call: () => ({}),
  });
  source = await startRegistry({ auth: { scheme: "bearer", users: { reader: "reader-secret" } } });
  await pushImage(source, "team/app:1", image);
});
afterEach(async () => {
  process.env = { ...environment };
  await source.close();
});

const value = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
const inputsOf = (type: string): Record<string, unknown> | undefined =>
  registered.find((one) => one.type === type)?.inputs as Record<string, unknown> | undefined;
const resource = (type: string): Record<string, unknown> | undefined =>
  inputsOf(`docker:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`);
const copyInputs = (): Record<string, unknown> | undefined => inputsOf(ImageCopy.type);

/** What a provider was given as a secret. */
const registryAuth = (): unknown => {
  const inputs = inputsOf("pulumi:providers:docker") as { registryAuth: { value: string } };
  return JSON.parse(inputs.registryAuth.value) as unknown;
};

const CREDENTIALS = { username: "ci", password: "ci-secret" };
async function mirror(
  options: MirrorImagesOptions = {},
  args: Partial<ExistingRegistryArgs> = {},
  opts: pulumi.ComponentResourceOptions = {},
): Promise<ImageInMirror> {
  const registry = new ExistingRegistry("r", { host: "r.io", credentials: CREDENTIALS, ...args }, opts);
  const wanted = { source: `${source.host}/team/app:1`, target: "r.io/m/app:1", digest: image.digest, locations: [] };
  const access = [{ host: source.host, username: "reader", password: "reader-secret", plainHttp: true }];
  const [copy] = registry.mirrorImages([wanted], access, { name: "shop", copyWith: CopyMethod.Docker, ...options });
  if (!copy) throw new Error("no copy");
  await value(copy.urn);
  return copy;
}

describe("an image that a Docker daemon brings", () => {
  it("is pulled as one platform by its digest, tagged, pushed, and compared", async () => {
    const copy = await mirror({ copyPlatform: "linux/arm64" });
    const digest = child("arm64");
    expect(resource("RemoteImage")).toEqual({
      name: `${source.host}/team/app@${digest}`,
      platform: "linux/arm64",
      pullTriggers: [digest],
      keepLocally: true,
    });
    expect(resource("Tag")).toEqual({ sourceImage: `${source.host}/team/app@${digest}`, targetImage: "r.io/m/app:1" });
    expect(resource("RegistryImage")).toEqual({ name: "r.io/m/app:1", keepRemotely: true, triggers: { digest } });
    expect(copyInputs()).toMatchObject({
      source: `${source.host}/team/app:1`,
      target: "r.io/m/app:1",
      method: CopyMethod.Docker,
      digest: PUSHED,
      platforms: ["linux/arm64"],
      configs: [configOf(image, digest)],
    });
    expect(await value(copy.digest)).toBe(PUSHED);
    expect(await value(copy.platforms)).toEqual(["linux/arm64"]);
    expect(await value(copy.size)).toBeLessThan(image.size);
  });

  it("is of the daemon's own platform unless told, and then one of the index's configurations", async () => {
    await mirror();
    expect(resource("RemoteImage")).toEqual({
      name: `${source.host}/team/app@${image.digest}`,
      pullTriggers: [image.digest],
      keepLocally: true,
    });
    expect(copyInputs()?.["configs"]).toEqual(children.map(({ digest }) => configOf(image, digest)));
    expect(copyInputs()).not.toHaveProperty("platforms");
  });

  it("has names without secrets, and logins within one", async () => {
    await mirror();
    const provider = registered.find(({ type }) => type === "pulumi:providers:docker");
    expect(provider?.name).toBe("r/shop");
    const both = registryAuth() as { address: string }[];
    expect(new Map(both.map((login) => [login.address, login]))).toEqual(
      new Map([
        ["https://r.io", { address: "https://r.io", ...CREDENTIALS }],
        [`http://${source.host}`, { address: `http://${source.host}`, username: "reader", password: "reader-secret" }],
      ]),
    );
    expect(registered.filter(({ provider: of }) => of?.includes("pulumi:providers:docker"))).toHaveLength(3);
    const others = registered.filter(({ type }) => type.startsWith("docker:"));
    expect(JSON.stringify(others)).not.toContain("secret");
  });

  it("goes where the registry is written to, and keeps the name that nodes pull", async () => {
    const copy = await mirror({}, { push: { location: "push.test:8083/hosted", plainHttp: true } });
    expect(resource("RegistryImage")?.["name"]).toBe("push.test:8083/hosted/m/app:1");
    expect(await value(copy.target)).toBe("r.io/m/app:1");
    expect(registryAuth()).toContainEqual({ address: "http://push.test:8083", ...CREDENTIALS });
  });

  it("goes by the docker provider that the registry inherits, with the logins that are there", async () => {
    const own = new docker.Provider("own", { host: "ssh://builder" });
    await mirror({}, {}, { providers: [own] });
    expect(registered.filter(({ type }) => type === "pulumi:providers:docker").map(({ name }) => name)).toEqual([
      "own",
    ]);
    expect(registered.filter(({ provider }) => provider?.includes("::own::"))).toHaveLength(3);
  });

  it("shares a provider with the others of its release, and is copied once for all releases", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io", credentials: CREDENTIALS });
    await pushImage(source, "team/web:1", image);
    const wanted = ["app", "web"].map((name) => ({
      source: `${source.host}/team/${name}:1`,
      target: `r.io/m/${name}:1`,
      digest: image.digest,
      locations: [],
    }));
    const access = [{ host: source.host, username: "reader", password: "reader-secret", plainHttp: true }];
    const options = { copyWith: CopyMethod.Docker };
    const copies = registry.mirrorImages(wanted, access, options);
    const again = registry.mirrorImages(wanted, access, { ...options, name: "other" });
    expect(again).toEqual(copies);
    for (const { urn } of copies) await value(urn);
    expect(registered.filter(({ type }) => type === "pulumi:providers:docker")).toHaveLength(1);
    expect(registered.filter(({ type }) => type.endsWith(":RegistryImage"))).toHaveLength(2);
  });
});

describe("what a daemon cannot do is refused", () => {
  const refused =
    (options: MirrorImagesOptions, target = "r.io/m/app:1") =>
    () => {
      const registry = new ExistingRegistry("r", { host: "r.io" });
      registry.mirrorImages([{ source: `${source.host}/team/app:1`, target, locations: [] }], [], {
        copyWith: CopyMethod.Docker,
        ...options,
      });
    };

  it.each<[string, MirrorImagesOptions, string | undefined, RegExp]>([
    ["no platform", { copyPlatform: "amd64" }, undefined, /"amd64" is no platform/],
    ["a moved tag that is to be kept", { tags: "pin" }, undefined, /tags: "pin" needs\. Use a lockFile/],
    ["a moved tag that is to be told", { tags: "fail" }, undefined, /tags: "fail" needs/],
    [
      "a reference with a digest",
      {},
      `r.io/m/app:1@${image.digest}`,
      /pulled by a digest, which a daemon does not keep.* one of process, kubernetes, or leave the digest out/,
    ],
  ])("%s", (_, options, target, message) => {
    expect(refused(options, target)).toThrow(message);
    expect(registered.filter(({ type }) => type.startsWith("docker:"))).toEqual([]);
  });
});
