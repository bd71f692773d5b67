import * as pulumi from "@pulumi/pulumi";
import { CopyMethod } from "../../../src/copy/copyMethod";
import { ExistingRegistry } from "../../../src/registry/existingRegistry";
import { mockedEngine, value } from "../../support/providers/mockedEngine";

const { registered } = mockedEngine();

const digest = `sha256:${"a".repeat(64)}`;
const image = (name: string) => ({ source: `quay.io/a/${name}:1`, target: `r.io/a/${name}:1`, digest, locations: [] });
const options = { name: "shop", copyWith: CopyMethod.Kubernetes, copyJob: { namespace: "mirror", kubeconfig: "key" } };
const jobs = () => registered.filter(({ type }) => type.endsWith("ImageCopyJob"));

describe("images that Jobs copy", () => {
  it("share one resource, which knows each of them", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io" });
    const [b, c] = registry.mirrorImages([image("b"), image("c")], [], options);
    if (!b || !c) throw new Error("no images");
    expect(b.resource).toBe(c.resource);
    expect(await Promise.all([b, c].map((one) => value(one.digest)))).toEqual([digest, digest]);
    expect(await Promise.all([b, c].map((one) => value(one.target)))).toEqual(["r.io/a/b:1", "r.io/a/c:1"]);
    expect(jobs().map(({ name }) => name)).toEqual(["r/shop"]);
    expect(jobs()[0]?.inputs).toMatchObject({
      namespace: "mirror",
      images: [
        { source: "quay.io/a/b:1", target: "r.io/a/b:1", digest },
        { source: "quay.io/a/c:1", target: "r.io/a/c:1", digest },
      ],
    });
  });

  it("are copied once, whichever release asks and in whatever way", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io" });
    const [process] = registry.mirrorImages([image("b")], []);
    const [again, c] = registry.mirrorImages([image("b"), image("c")], [], options);
    expect(again).toBe(process);
    await value(c!.urn);
    expect(jobs()[0]?.inputs).toMatchObject({ images: [{ target: "r.io/a/c:1" }] });
    registry.mirrorImages([image("b"), image("c")], [], { ...options, name: "other" });
    expect(jobs()).toHaveLength(1);
  });

  it("leave those that the registry serves itself to it", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io", upstreams: [{ upstream: "quay.io", path: "quay" }] });
    const served = { ...image("b"), target: "r.io/quay/a/b:1" };
    const [copy] = registry.mirrorImages([served], [], options);
    await value(copy!.urn);
    expect(jobs()).toEqual([]);
    expect(registered.at(-1)?.inputs).toMatchObject({ method: CopyMethod.PullThrough });
  });

  it("keep kubeconfig and logins secret", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io", credentials: { username: "ci", password: "hunter2!" } });
    const [copy] = registry.mirrorImages([image("b")], [], options);
    await value(copy!.urn);
    const job = copy!.resource as unknown as Record<"kubeconfig" | "access" | "namespace", pulumi.Output<unknown>>;
    const secret = (name: keyof typeof job) => pulumi.isSecret(job[name]);
    expect([await secret("kubeconfig"), await secret("access"), await secret("namespace")]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
