import * as pulumi from "@pulumi/pulumi";
import { inspect } from "node:util";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import { CopyMethod } from "../../src/copy/copyMethod";
import { ForeignLayers } from "../../src/oci/copy/copyOptions";
import { ChartCollisionError } from "../../src/registry/mirrorRegistry";
import { TargetCollisionError } from "../../src/plan/targetCollision";
import { mockedEngine, value } from "../support/providers/mockedEngine";

const { registered } = mockedEngine();

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

  it.each([
    { host: "user:s3cr3t@r.io" },
    { host: "s3cr3t@r.io" },
    { host: "https://user:s3cr3t@r.io" },
    { host: "user:s3c/s3cr3t@r.io", path: "team" },
    { host: "r.io", push: { location: "user:s3cr3t@r.io/team" } },
    { host: "r.io", upstreams: [{ upstream: "user:s3cr3t@quay.io/team", path: "q" }] },
    { host: "r.io", upstreams: [{ upstream: "quay.io", path: "user:s3cr3t@r.io/q" }] },
  ])("a login in an address of %j is refused without telling it", async (args) => {
    const error: unknown = await new ExistingRegistry("r", args).address.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INVALID_REGISTRY" });
    expect(String(error)).toContain("***@");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3c");
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

  it("is reached with a client certificate, and may send logins to the token services named", async () => {
    const own = {
      clientCertificate: { cert: "PEM", key: "KEY" },
      tokenServices: ["sso.example.net"],
      internalRedirects: true,
    };
    const registry = new ExistingRegistry("r", {
      host: "r.io",
      credentials: { username: "ci", password: "push!" },
      ...own,
    });
    const login = { host: "r.io", username: "ci", password: "push!" };
    expect(await value(registry.pushAccess)).toEqual({ ...login, ...own });
    expect(await pulumi.isSecret(registry.pushAccess)).toBe(true);
    expect(await value(registry.pullCredentials!)).toEqual(login);
  });

  it("writes where it is told, and keeps each login for its own address", async () => {
    const registry = new ExistingRegistry("r", {
      host: "docker.example.com:8082",
      credentials: { username: "ci", password: "push!" },
      pullCredentials: { username: "pods", password: "pull!" },
      push: { location: "nexus.internal:8083", plainHttp: true },
      upstreams: [{ upstream: "docker.io", path: "hub" }],
      caCertificate: "outer CA",
    });
    expect(await registry.address).toEqual({ host: "docker.example.com:8082" });
    const [copied, served] = registry.mirrorImages(
      [
        { source: "quay.io/a/b:1", target: "docker.example.com:8082/a/b:1", locations: [] },
        { source: "docker.io/library/c:1", target: "docker.example.com:8082/hub/library/c:1", locations: [] },
      ],
      [{ host: "quay.io", username: "reader" }],
    );
    await Promise.all([copied, served].map((copy) => value(copy!.urn)));
    const inputs = (source: string) => registered.find(({ name }) => name === `r/${source}`)?.inputs;
    const secret = (value: unknown) => expect.objectContaining({ value }) as unknown;
    expect(inputs("quay.io/a/b:1")).toMatchObject({
      access: secret([
        {
          host: "docker.example.com:8082",
          location: "nexus.internal:8083",
          username: "ci",
          password: "push!",
          plainHttp: true,
        },
        { host: "quay.io", username: "reader" },
      ]),
    });
    expect(JSON.stringify(inputs("quay.io/a/b:1"))).not.toMatch(/pull!|outer CA/);
    expect(inputs("docker.io/library/c:1")).toMatchObject({
      method: "pull-through",
      access: secret([
        { host: "docker.example.com:8082", username: "pods", password: "pull!", caCertificate: "outer CA" },
        { host: "quay.io", username: "reader" },
      ]),
    });
    expect(JSON.stringify(inputs("docker.io/library/c:1"))).not.toMatch(/push!|nexus.internal/);
  });

  it.each([
    [{ upstream: "https://docker.io", path: "hub" }, /docker\.io.*no registry/],
    [{ upstream: "team", path: "hub" }, /"team".*no registry/],
    [{ upstream: "docker.io/", path: "hub" }, /no registry/],
    [{ upstream: "docker.io", path: "/hub" }, /"\/hub".*whole path behind the host/],
    [{ upstream: "docker.io", path: "" }, /path is not one/],
  ])("refuses the upstream %j", async (upstream, reason) => {
    await expect(new ExistingRegistry("r", { host: "r.io", upstreams: [upstream] }).address).rejects.toThrow(reason);
  });

  it("tells all that is wrong at once", async () => {
    const registry = new ExistingRegistry("r", {
      host: "https://r.io",
      push: { location: "http://inner" },
      upstreams: [
        { upstream: "docker.io", path: "hub" },
        { upstream: "docker.io", path: "other" },
      ],
    });
    await expect(registry.address).rejects.toThrow(/3 problems[^]*scheme[^]*push\.location[^]*another path already/);
  });

  it("makes one copy of an image, however many releases ask", async () => {
    const registry = new ExistingRegistry("r", { host: "r.io" });
    const image = { source: "quay.io/a/b:1", target: "r.io/a/b:1", locations: [] };
    const [first] = registry.mirrorImages([image], []);
    expect(registry.mirrorImages([image], [])).toEqual([first]);
    await value(first!.urn);
    expect(registered.filter(({ type }) => type.endsWith("ImageCopy"))).toHaveLength(1);
  });

  it.each([
    ["r.io", ["nginx:1", "library/nginx:1"]],
    ["r.io", ["library/nginx:1", "nginx:1"]],
    ["r.io/library", ["nginx:1", "library/nginx:1"]],
  ])(
    "names the copies of an image that charts write in two ways, whichever comes first: %s %j",
    async (mirror, paths) => {
      const registry = new ExistingRegistry("r", { host: "r.io" });
      const source = "docker.io/library/nginx:1";
      const named = new Map<string, string>();
      for (const path of paths) {
        const target = `${mirror}/${path}`;
        // Each is another release's.
        const [copy] = registry.mirrorImages([{ source, target, locations: [] }], []);
        named.set(target, (await value(copy!.urn)).split("::").at(-1) ?? "");
      }
      const written = mirror === "r.io" ? "" : " as library/nginx:1";
      expect(named.get(`${mirror}/nginx:1`)).toBe(`r/${source}${written}`);
      expect(named.get(`${mirror}/library/nginx:1`)).toBe(
        `r/${source} as ${mirror.slice(5)}${mirror === "r.io" ? "" : "/"}library/nginx:1`,
      );
    },
  );

  it("refuses two sources for one target, with both named", () => {
    const registry = new ExistingRegistry("r", { host: "r.io" });
    registry.mirrorImages([{ source: "quay.io/a/b:1", target: "r.io/a/b:1", locations: [] }], []);
    const copy = () => registry.mirrorImages([{ source: "ghcr.io/a/b:1", target: "r.io/a/b:1", locations: [] }], []);
    expect(copy).toThrow(TargetCollisionError);
    expect(copy).toThrow(/quay\.io\/a\/b:1 and ghcr\.io\/a\/b:1/);
  });

  it("brings signatures with images that this process copies, and with no others", async () => {
    const registry = new ExistingRegistry("signed", {
      host: "r.io",
      upstreams: [{ upstream: "docker.io", path: "hub" }],
    });
    const images = [
      { source: "quay.io/a/b:1", target: "r.io/a/b:1", locations: [] },
      { source: "docker.io/library/c:1", target: "r.io/hub/library/c:1", locations: [] },
    ];
    expect(() =>
      registry.mirrorImages(images, [], {
        referrers: true,
        copyWith: CopyMethod.Kubernetes,
        copyJob: { namespace: "x" },
      }),
    ).toThrow(/cannot come to registry signed by kubernetes: it brings images alone/);
    const copies = registry.mirrorImages(images, [], { referrers: true });
    await Promise.all(copies.map((copy) => value(copy.urn)));
    const referrersOf = (source: string) =>
      registered.find(({ name }) => name === `signed/${source}`)?.inputs.referrers;
    expect(images.map(({ source }) => referrersOf(source))).toEqual([true, undefined]);
  });

  it("hands on what happens to foreign layers, which this process alone looks at", async () => {
    const images = [{ source: "quay.io/foreign:1", target: "r.io/foreign:1", locations: [] }];
    const registry = new ExistingRegistry("layers", { host: "r.io" });
    expect(() =>
      registry.mirrorImages(images, [], {
        foreignLayers: ForeignLayers.Copy,
        copyWith: CopyMethod.Kubernetes,
        copyJob: { namespace: "x" },
      }),
    ).toThrow(/cannot come to registry layers by kubernetes: foreignLayers is "copy"/);
    const copies = registry.mirrorImages(images, [], { foreignLayers: ForeignLayers.Copy });
    await Promise.all(copies.map((copy) => value(copy.urn)));
    expect(registered.find(({ name }) => name === "layers/quay.io/foreign:1")?.inputs.foreignLayers).toBe("copy");
  });

  it("has one place for a chart that many releases deploy, and none for two charts of one name", async () => {
    const registry = new ExistingRegistry("charts", { host: "r.io" });
    const chart = { file: "web.tgz", target: "r.io/charts/web:1.0.0", version: "1.0.0", digest: "sha256:1" };
    const push = registry.mirrorChart(chart);
    expect(registry.mirrorChart({ ...chart, file: "again.tgz" })).toBe(push);
    expect(await value(push.target)).toBe(chart.target);
    expect(() => registry.mirrorChart({ ...chart, digest: "sha256:2" })).toThrow(ChartCollisionError);
  });
});
