import * as pulumi from "@pulumi/pulumi";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import { TargetCollisionError } from "../../src/registry/mirrorRegistry";

interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}
const registered: Registered[] = [];

beforeAll(() =>
  pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: name, state: inputs as object };
    },
  }),
);
beforeEach(() => registered.splice(0));

const value = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((done) => output.apply(done));

describe("ExistingRegistry", () => {
  it.each([
    [
      { host: "registry.spacetech.com:8083", path: "appcircle" },
      { host: "registry.spacetech.com:8083", path: "appcircle" },
    ],
    [{ host: "localhost:5000" }, { host: "localhost:5000" }],
    [{ host: pulumi.output("r.io"), path: "" }, { host: "r.io" }],
  ])("%j has the address %j", async (args, address) => {
    expect(await new ExistingRegistry("r", args).address).toEqual(address);
  });

  it.each([
    [{ host: "https://r.io" }, /scheme/],
    [{ host: "r.io/team" }, /path/],
    [{ host: "r io" }, /host name/],
    [{ host: "r.io", path: "/team" }, /path/],
    [{ host: "r.io", path: "Team" }, /lower-case/],
  ])("%j is refused", async (args, reason) => {
    await expect(new ExistingRegistry("r", args).address).rejects.toThrow(reason);
  });

  it("keeps both logins secret, and gives pods the one for pulling", async () => {
    const registry = new ExistingRegistry("r", {
      host: "r.io",
      credentials: { username: "ci", password: "push!" },
      pullCredentials: { username: "pods", password: "pull!" },
    });
    const { pushAccess, pullCredentials } = registry;
    if (!pullCredentials) throw new Error("no pull credentials");
    expect([await pulumi.isSecret(pushAccess), await pulumi.isSecret(pullCredentials)]).toEqual([true, true]);
    expect(await value(pushAccess)).toEqual({ host: "r.io", username: "ci", password: "push!" });
    expect(await value(pullCredentials)).toEqual({ host: "r.io", username: "pods", password: "pull!" });
  });

  it("makes one copy of an image, however many releases ask", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io" });
    const image = { source: "quay.io/a/b:1", target: "r.io/a/b:1", locations: [] };
    const [first] = registry.mirrorImages([image], []);
    expect(registry.mirrorImages([image], [])).toEqual([first]);
    await value(first!.urn);
    expect(registered.filter(({ type }) => type.endsWith("ImageCopy"))).toHaveLength(1);
  });

  it("gives two copies of one image different names, since a chart may write it in two ways", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io" });
    const source = "docker.io/library/nginx:1";
    const targets = ["r.io/library/nginx:1", "r.io/nginx:1"];
    const copies = registry.mirrorImages(
      targets.map((target) => ({ source, target, locations: [] })),
      [],
    );
    const urns = await Promise.all(copies.map(({ urn }) => value(urn)));
    expect(new Set(urns).size).toBe(2);
  });

  it("refuses two sources for one target, with both named", () => {
    const registry = new ExistingRegistry("r", { host: "r.io" });
    registry.mirrorImages([{ source: "quay.io/a/b:1", target: "r.io/a/b:1", locations: [] }], []);
    const copy = () => registry.mirrorImages([{ source: "ghcr.io/a/b:1", target: "r.io/a/b:1", locations: [] }], []);
    expect(copy).toThrow(TargetCollisionError);
    expect(copy).toThrow(/quay\.io\/a\/b:1 and ghcr\.io\/a\/b:1/);
  });
});
