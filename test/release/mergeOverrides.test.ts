import * as pulumi from "@pulumi/pulumi";
import { mergeOverrides } from "../../src/release/mergeOverrides";

const resolve = <T>(output: pulumi.Input<T>): Promise<unknown> =>
  new Promise((done) => pulumi.output(output).apply((value) => done(value)));

describe("mergeOverrides", () => {
  it("sets what the overrides say and keeps the rest", () => {
    const user = { image: { tag: "1", registry: "quay.io" }, replicas: 2 };
    expect(mergeOverrides(user, user, { image: { tag: "1", registry: "mirror" }, replicas: 2 })).toEqual({
      image: { tag: "1", registry: "mirror" },
      replicas: 2,
    });
  });

  it("adds values where the user has none", () => {
    expect(mergeOverrides({}, {}, { global: { imageRegistry: "mirror" } })).toEqual({
      global: { imageRegistry: "mirror" },
    });
    expect(mergeOverrides(undefined, undefined, { a: 1 })).toEqual({ a: 1 });
  });

  it("keeps the very Output of a leaf that is not overridden", () => {
    const password = pulumi.secret("hunter2");
    const merged = mergeOverrides(
      { password, image: "a" },
      { password: "hunter2", image: "a" },
      { password: "hunter2", image: "mirror/a" },
    ) as Record<string, unknown>;
    expect(merged.password).toBe(password);
    expect(merged.image).toBe("mirror/a");
  });

  it("keeps secrets of a list of which one image is overridden", () => {
    const token = pulumi.secret("hunter2");
    const merged = mergeOverrides(
      { sidecars: [{ image: "a", env: [{ name: "TOKEN", value: token }] }, { image: "b" }] },
      { sidecars: [{ image: "a", env: [{ name: "TOKEN", value: "hunter2" }] }, { image: "b" }] },
      { sidecars: [{ image: "mirror/a", env: [{ name: "TOKEN", value: "hunter2" }] }, { image: "mirror/b" }] },
    ) as { sidecars: [{ image: string; env: [{ value: unknown }] }, unknown] };
    expect(merged.sidecars[0].image).toBe("mirror/a");
    expect(merged.sidecars[0].env[0].value).toBe(token);
    expect(merged.sidecars[1]).toEqual({ image: "mirror/b" });
  });

  it("merges inside an Output of a whole map", async () => {
    const merged = mergeOverrides(
      { image: pulumi.output({ registry: "quay.io", tag: "1" }) },
      { image: { registry: "quay.io", tag: "1" } },
      { image: { registry: "mirror", tag: "1" } },
    ) as { image: pulumi.Output<unknown> };
    expect(await resolve(merged.image)).toEqual({ registry: "mirror", tag: "1" });
  });

  it("does not change its arguments", () => {
    const user = { image: { registry: "quay.io" } };
    mergeOverrides(user, user, { image: { registry: "mirror" } });
    expect(user).toEqual({ image: { registry: "quay.io" } });
  });
});
