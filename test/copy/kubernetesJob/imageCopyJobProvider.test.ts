/* eslint-disable @typescript-eslint/require-await -- the fakes answer at once what registries answer later */
import { imageCopyJobProvider } from "../../../src/copy/kubernetesJob/imageCopyJobProvider";
import type { ImageCopyJobInputs, JobImage } from "../../../src/copy/kubernetesJob/imageCopyJobInputs";
import { registryAccess } from "../../../src/copy/imageCopyInputs";
import { formatReference } from "../../../src/image/reference";
import { RegistryUnreachableError, TokenServiceUntrustedError } from "../../../src/oci/errors/errors";
import { Registries } from "../../../src/oci/registries";
import { TagPolicy } from "../../../src/plan/tagPolicy";
import { startRegistry } from "../../support/registry";
import { FakeCluster } from "./fakeCluster";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
const image = (letter: string, digest?: string): JobImage => ({
  source: `quay.io/team/${letter}:1`,
  target: `mirror.test/team/${letter}:1`,
  ...(digest !== undefined && { digest, size: 10, platforms: ["linux/amd64"] }),
});
const planned = (letter: string): JobImage => image(letter, digestOf(letter));
const access = [{ host: "mirror.test", username: "ci", password: "hunter2!" }];
const inputs = (...images: JobImage[]): ImageCopyJobInputs => ({ images, access, namespace: "mirror" });

/** A provider before registries that hold these digests; a host that is not reachable throws. */
function setUp(
  content: Record<string, string>,
  unreachable: readonly string[] = [],
  untrusted: readonly string[] = [],
) {
  const cluster = new FakeCluster();
  const logins: unknown[] = [];
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const find = (registry: string, text: string): string | undefined => {
    if (unreachable.includes(registry))
      throw new RegistryUnreachableError(registry, "connect ETIMEDOUT", new Error("x"));
    if (untrusted.includes(registry)) throw new TokenServiceUntrustedError(registry, "sso.elsewhere.test");
    return content[text];
  };
  const provider = imageCopyJobProvider({
    registriesFor: () => ({
      head: async (reference) => {
        const digest = find(reference.registry, formatReference({ ...reference, digest: undefined }));
        return digest === undefined ? undefined : ({ digest } as never);
      },
      resolve: async (reference) => {
        const digest = find(reference.registry, formatReference({ ...reference, digest: undefined }));
        return { digest, size: 10, platforms: [{ os: "linux", architecture: "amd64" }] } as never;
      },
      client: (host) => {
        throw new Error(`nobody asked for more of ${host}`);
      },
    }),
    clusterFor: async (login) => {
      logins.push(login);
      return cluster;
    },
    log: { info: say, warn: say, status: say },
    clock: { now: () => 0, date: () => 0, sleep: async () => undefined },
  });
  return { provider, cluster, logins, said, content };
}

describe("check", () => {
  it("resolves each image, so that previews show digests and sizes", async () => {
    const { provider } = setUp({ "quay.io/team/a:1": digestOf("a"), "quay.io/team/b:1": digestOf("b") });
    expect(await provider.check?.({}, inputs(image("a"), image("b")))).toEqual({
      inputs: inputs(planned("a"), planned("b")),
    });
  });

  it("leaves an image whose registry only the cluster reaches to the pods", async () => {
    const { provider } = setUp({}, ["quay.io"]);
    expect(await provider.check?.({}, inputs(image("a")))).toEqual({ inputs: inputs(image("a")) });
    expect(await provider.check?.(inputs(planned("a")), inputs(image("a")))).toEqual({ inputs: inputs(planned("a")) });
  });

  it.each<[TagPolicy, unknown]>([
    [TagPolicy.Follow, { inputs: { images: [planned("a")] } }],
    [TagPolicy.Pin, { inputs: { images: [image("a", digestOf("b"))] } }],
    [TagPolicy.Fail, { failures: [{ property: "images" }] }],
  ])("heeds the policy %s for a tag that has moved", async (tags, expected) => {
    const { provider, said } = setUp({ "quay.io/team/a:1": digestOf("a") });
    const olds = inputs(image("a", digestOf("b")));
    expect(await provider.check?.(olds, { ...inputs(image("a")), tags })).toMatchObject(expected as object);
    expect(said).toHaveLength(tags === TagPolicy.Pin ? 1 : 0);
  });

  it("asks nobody while logins are unknown", async () => {
    const { provider } = setUp({}, ["quay.io", "mirror.test"]);
    const news = { ...inputs(image("a")), access: UNKNOWN as never };
    expect(await provider.check?.({}, news)).toEqual({ inputs: news });
  });
});

describe("create and update", () => {
  it("copies what the target has not, with a Job in the cluster that was named", async () => {
    const { provider, cluster, logins } = setUp({ "mirror.test/team/a:1": digestOf("a") });
    const news = { ...inputs(planned("a"), planned("b")), kubeconfig: "apiVersion: v1", context: "prod" };
    expect((await provider.create(news)).outs).toEqual(news);
    expect(logins).toEqual([{ kubeconfig: "apiVersion: v1", context: "prod" }]);
    expect(cluster.lines()).toEqual([`quay.io/team/b@${digestOf("b")} mirror.test/team/b:1 ${digestOf("b")}`]);
  });

  it("starts no Job when all is there", async () => {
    const { provider, cluster } = setUp({ "mirror.test/team/a:1": digestOf("a") });
    await provider.create(inputs(planned("a")));
    expect(cluster.calls).toEqual([]);
  });

  it("takes the digest that a pod read where this machine reaches no registry", async () => {
    const { provider, cluster } = setUp({}, ["quay.io", "mirror.test"]);
    cluster.sources.set("quay.io/team/a:1", digestOf("a"));
    const { images } = (await provider.create(inputs(image("a")))).outs as ImageCopyJobInputs;
    expect(images).toEqual([{ ...image("a"), digest: digestOf("a") }]);
  });

  it("copies only what is new where it cannot ask the target", async () => {
    const { provider, cluster } = setUp({}, ["mirror.test"]);
    await provider.update?.("id", inputs(planned("a")), inputs(planned("a"), planned("b")));
    expect(cluster.lines()).toHaveLength(1);
    expect(cluster.lines()[0]).toContain("team/b");
  });

  it("gives pods no login that this machine may not send where the target's registry says", async () => {
    const { provider, cluster } = setUp({}, [], ["mirror.test"]);
    const copy = provider.create(inputs(planned("a")));
    await expect(copy).rejects.toMatchObject({ code: "TOKEN_SERVICE_UNTRUSTED" });
    await expect(copy).rejects.toThrow(/sso\.elsewhere\.test.*tokenServices/);
    expect(cluster.calls).toEqual([]);
  });

  it("puts logins into the Secret alone", async () => {
    const { provider, cluster, said } = setUp({});
    await provider.create(inputs(planned("a")));
    expect(cluster.secret?.stringData?.["regctl.json"]).toContain("hunter2!");
    expect(JSON.stringify([cluster.job, cluster.configMap, said])).not.toContain("hunter2!");
  });

  it("gives pods a password for a Microsoft Entra token, and what ECR gave as it is", async () => {
    const acr = await startRegistry({
      behaviour: "acr",
      auth: { scheme: "bearer", users: {}, exchange: { entra: [{ repositories: "*", actions: ["pull", "push"] }] } },
    });
    const opened: Registries[] = [];
    const cluster = new FakeCluster();
    const provider = imageCopyJobProvider({
      registriesFor: (access) => {
        const registries = new Registries({ access: access.map(registryAccess) });
        opened.push(registries);
        return registries;
      },
      clusterFor: async () => cluster,
      log: { info: () => undefined, warn: () => undefined, status: () => undefined },
      clock: { now: () => 0, date: () => 0, sleep: async () => undefined },
    });
    try {
      const target = `${acr.host}/team/a:1`;
      await provider.create({
        images: [{ ...planned("a"), target }],
        access: [
          { host: acr.host, plainHttp: true, azureToken: { accessToken: "entra" } },
          { host: "1.dkr.ecr.eu-west-1.amazonaws.com", username: "AWS", password: "eyJ0" },
        ],
        namespace: "mirror",
      });
      const { hosts } = JSON.parse(cluster.secret?.stringData?.["regctl.json"] ?? "") as {
        hosts: Record<string, { user?: string; pass?: string }>;
      };
      expect(hosts["1.dkr.ecr.eu-west-1.amazonaws.com"]).toMatchObject({ user: "AWS", pass: "eyJ0" });
      const { user: username = "", pass: password = "" } = hosts[acr.host] ?? {};
      const pod = new Registries({ access: [{ host: acr.host, plainHttp: true, username, password }] });
      opened.push(pod);
      expect(await pod.client(acr.host).headManifest("team/a", "1")).toBeUndefined();
      expect(JSON.stringify([cluster.secret, cluster.job])).not.toContain("entra");
    } finally {
      for (const registries of opened) registries.close();
      await acr.close();
    }
  });

  it("hides a login that a failed pod printed", async () => {
    const { provider, cluster } = setUp({});
    cluster.failing.set(0, "login ci hunter2! refused");
    await expect(provider.create(inputs(planned("a")))).rejects.toThrow(/login ci \[secret\] refused/);
  });
});

describe("diff", () => {
  const there = { "mirror.test/team/a:1": digestOf("a") };
  const changes = async (
    olds: ImageCopyJobInputs,
    news: ImageCopyJobInputs,
    content: Record<string, string>,
    unreachable?: string[],
  ): Promise<boolean | undefined> => (await setUp(content, unreachable).provider.diff?.("id", olds, news))?.changes;

  test.each<[string, ImageCopyJobInputs, ImageCopyJobInputs, Record<string, string>, string[], boolean]>([
    ["nothing new", inputs(planned("a")), inputs(planned("a")), there, [], false],
    ["a rotated login", inputs(planned("a")), { ...inputs(planned("a")), access: [] }, there, [], false],
    ["other settings", inputs(planned("a")), { ...inputs(planned("a")), parallelism: 9 }, there, [], false],
    ["another digest", inputs(planned("a")), inputs(image("a", digestOf("b"))), there, [], true],
    ["one image more", inputs(planned("a")), inputs(planned("a"), planned("b")), there, [], true],
    ["one image less", inputs(planned("a"), planned("b")), inputs(planned("a")), there, [], true],
    ["a target that is gone", inputs(planned("a")), inputs(planned("a")), {}, [], true],
    [
      "a target that was overwritten",
      inputs(planned("a")),
      inputs(planned("a")),
      { "mirror.test/team/a:1": digestOf("c") },
      [],
      true,
    ],
    ["a target that cannot be asked", inputs(planned("a")), inputs(planned("a")), {}, ["mirror.test"], false],
    ["a digest that only pods knew", inputs(planned("a")), inputs(image("a")), there, [], false],
  ])("%s", async (_, olds, news, content, unreachable, expected) => {
    expect(await changes(olds, news, content, unreachable)).toBe(expected);
  });
});

it("says from what to what an image changes whose name stays", async () => {
  const { provider, said } = setUp({});
  await provider.diff?.("id", inputs(planned("a"), planned("b")), inputs(image("a", digestOf("c")), planned("b")));
  expect(said).toEqual([
    `quay.io/team/a:1 is another image than before: it was ${digestOf("a")} and becomes ${digestOf("c")}`,
  ]);
});

it("leaves images where they are, and says so when they leave the state", async () => {
  const { provider, said } = setUp({});
  await provider.diff?.("id", inputs(planned("a"), planned("b")), inputs(planned("a")));
  await provider.delete?.("id", inputs(planned("a")));
  expect(said).toEqual([
    "mirror.test/team/b:1 stay in the mirror: pods may still pull them",
    "mirror.test/team/a:1 stay in the mirror: pods may still pull them",
  ]);
});
