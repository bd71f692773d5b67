import * as pulumi from "@pulumi/pulumi";
import { QuayRegistry, QuayRepositories, type QuayRegistryArgs } from "../../../src/quay/component/quayRegistry";
import { mockedEngine, value } from "../../support/providers/mockedEngine";
import { letRefusedChildrenFail } from "../../registry/refusedChildren";

letRefusedChildrenFail();

const { registered } = mockedEngine({
  outputs: ({ type, name }) => (type.endsWith("Robot") ? { token: `${name}-token` } : {}),
});

const base = { host: "quay.example.com:8443", organization: "team", token: "api-token" };
const proxy = { upstream: "docker.io", username: "reader", password: "upstream!" };
const made = () => registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort();

describe("QuayRegistry", () => {
  it("makes a proxy cache with a robot that may pull through it", async () => {
    const registry = new QuayRegistry("q", { ...base, proxy });
    expect(await registry.address).toEqual({ host: "quay.example.com:8443", path: "team" });
    expect(registry.layout).toEqual({ upstreams: [{ upstream: "docker.io", path: "team" }] });
    expect(await value(registry.pullCredentials!)).toEqual({
      host: "quay.example.com:8443",
      username: "team+chart_mirror_pull",
      password: "q-pull-token",
    });
    expect(await pulumi.isSecret(registry.pushAccess)).toBe(true);
    const [image] = registry.mirrorImages(
      [{ source: "docker.io/library/nginx:1", target: "quay.example.com:8443/team/library/nginx:1", locations: [] }],
      [],
    );
    await value(image!.urn);
    expect(made()).toEqual([
      "ImageCopy q/docker.io/library/nginx:1",
      "QuayOrganization q",
      "QuayProxyCache q-proxy",
      "QuayRegistry q",
      "QuayRobot q-pull",
      "QuayTeam q-pull",
    ]);
    const team = registered.find(({ type }) => type.endsWith(":QuayTeam"));
    expect(team?.inputs).toMatchObject({ role: "member", robots: ["team+chart_mirror_pull"] });
    expect(registry.sourceAccess).toMatchObject([{ host: "docker.io", username: "reader" }]);
  });

  it("makes two robots for a plain organization that exists, and repositories when asked", async () => {
    const registry = new QuayRegistry("q", {
      ...base,
      existing: true,
      robots: "web",
      repositories: QuayRepositories.Create,
    });
    expect((await value(registry.pushAccess)).username).toBe("team+web_push");
    const images = ["1", "2"].map((tag) => ({
      source: `quay.io/a/b:${tag}`,
      target: `quay.example.com:8443/team/a/b:${tag}`,
      locations: [],
    }));
    await Promise.all(registry.mirrorImages(images, []).map(({ urn }) => value(urn)));
    expect(made().filter((text) => text.startsWith("Quay"))).toEqual([
      "QuayDefaultPermission q-pull",
      "QuayDefaultPermission q-push",
      "QuayRegistry q",
      "QuayRepository q/a/b",
      "QuayRobot q-pull",
      "QuayRobot q-push",
    ]);
  });

  const wrong: [Partial<QuayRegistryArgs>, RegExp][] = [
    [{ host: "https://quay.example.com" }, /scheme/],
    [{ organization: "Team" }, /lower-case/],
    [{ organization: "a/b" }, /no organizations inside organizations/],
    [{ robots: "-x" }, /robot/i],
    [{ proxy: { upstream: "https://docker.io" } }, /docker\.io.*no registry/],
    [{ proxy, keepHost: true }, /keepHost/],
    [{ proxy, repositories: QuayRepositories.Create }, /creates its repositories itself/],
    [{ organization: "T", proxy, keepHost: true }, /2 problems/],
  ];
  it.each(wrong)("refuses %j", async (args, reason) => {
    await expect(new QuayRegistry("q", { ...base, ...args }).address).rejects.toThrow(reason);
  });

  it("refuses images that its proxy does not serve, all at once", () => {
    const registry = new QuayRegistry("q", { ...base, proxy });
    const images = ["quay.io/a/b:1", "docker.io/library/nginx:1", "ghcr.io/c/d:1"].map((source) => ({
      source,
      target: `quay.example.com:8443/team/x:1`,
    }));
    expect(() => registry.refuseTargets(images)).toThrow(/2 problems[^]*quay\.io\/a\/b:1[^]*ghcr\.io\/c\/d:1/);
  });
});
