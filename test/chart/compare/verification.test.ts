import type { Manifest } from "../../../src/chart/render/kubernetesManifest";
import { doesHarm, verify } from "../../../src/chart/compare/verification";

const secret = (value: string): Manifest[] => [
  { object: { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { value, fixed: "x" } } },
];
const planned = { texts: ["mirror.test"], settings: [] };

describe("verify", () => {
  const judge = (after: Manifest[], again: (time: 1 | 2) => Manifest[]) =>
    verify({
      replacements: [],
      texts: new Map(),
      before: secret("a"),
      after,
      planned,
      again: (time) => Promise.resolve(again(time)),
    });

  test("lets stand what another render of the same values changes, too", async () => {
    expect((await judge(secret("b"), () => secret("c"))).unexpected).toEqual([]);
  });

  test("asks a second time, since a clock may have stood still", async () => {
    expect((await judge(secret("b"), (time) => secret(time === 1 ? "a" : "c"))).unexpected).toEqual([]);
  });

  test("finds what changes for no such reason", async () => {
    const { unexpected } = await judge(secret("b"), () => secret("a"));
    expect(unexpected).toMatchObject([{ path: ["stringData", "value"], before: "a", after: "b" }]);
  });

  test("lets stand the same words in another order, which Helm's functions give by chance", async () => {
    const ask = async (before: string, after: string): Promise<number> => {
      const again = (): Promise<Manifest[]> => Promise.resolve(secret(before));
      const input = {
        replacements: [],
        texts: new Map(),
        before: secret(before),
        after: secret(after),
        planned,
        again,
      };
      return (await verify(input)).unexpected.length;
    };
    expect(await ask("x,a,b", "a,b,x")).toBe(0);
    expect(await ask("x,a,b", "a,b,y")).toBe(1);
    expect(await ask("x,a,b", "a,b")).toBe(1);
    expect(await ask("x a", "a x")).toBe(1);
  });

  test("does not render again for nothing", async () => {
    const again = jest.fn(() => secret("a"));
    await judge(secret("mirror.test/a"), again);
    expect(again).not.toHaveBeenCalled();
  });

  const labelled = (label: string): Manifest[] => [
    { object: { apiVersion: "v1", kind: "Pod", metadata: { name: "p", labels: { a: label, hash: "0".repeat(32) } } } },
  ];
  const compare = (before: Manifest[], after: Manifest[]) =>
    verify({ replacements: [], texts: new Map(), before, after, planned, again: () => Promise.resolve(before) });

  test("finds what a cluster refuses since the change, and nothing that it has refused before", async () => {
    const { refused } = await compare(labelled("1.0.0"), labelled("1.0.0+abc"));
    expect(refused).toMatchObject([
      { path: ["metadata", "labels", "a"], why: expect.stringContaining("1.0.0+abc") as unknown },
    ]);
    expect(doesHarm({ unexpected: [], refused })).toBe(true);
    expect((await compare(labelled("1.0.0+abc"), labelled("1.0.0+abc"))).refused).toEqual([]);
    expect((await compare([], labelled("1.0.0+abc"))).refused).toHaveLength(1);
  });

  test("takes a text for refused before that is another one every time", async () => {
    const job = (...names: string[]): Manifest[] =>
      names.map((name) => ({ object: { apiVersion: "batch/v1", kind: "Job", metadata: { name } } }));
    expect((await compare(job("setup_1"), job("setup_2"))).refused).toEqual([]);
    expect((await compare(job("setup-1"), job("setup_2"))).refused).toHaveLength(1);
    const pod = (...containers: string[]): Manifest[] => [
      {
        object: {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "p" },
          spec: { containers: containers.map((name) => ({ name })) },
        },
      },
    ];
    expect((await compare(pod("a_1", "b"), pod("a_2", "b"))).refused).toEqual([]);
    expect((await compare(pod("a_1", "b"), pod("b", "a_2"))).refused).toEqual([]);
    expect((await compare(pod("a_1", "b"), pod("a_2", "b_2"))).refused).toHaveLength(1);
  });

  const job = (image: string, name = "setup"): Manifest[] => [
    {
      object: {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name },
        spec: { template: { spec: { containers: [{ name: "c", image }] } } },
      },
    },
  ];
  test("tells what no upgrade can change, and calls it no harm", async () => {
    const verification = await compare(job("quay.io/a:1"), job("mirror.test/a:1"));
    expect(verification.immutable).toMatchObject([{ fields: ["spec.template"] }]);
    expect(doesHarm(verification)).toBe(false);
    expect((await compare(job("quay.io/a:1"), job("quay.io/a:1"))).immutable).toEqual([]);
  });

  test("says nothing of an object with another name in every render, which is a new one in every upgrade", async () => {
    const { unexpected, immutable } = await verify({
      replacements: [],
      texts: new Map(),
      before: job("quay.io/a:1", "setup-01t101500"),
      after: job("mirror.test/a:1", "setup-01t101503"),
      planned,
      again: () => Promise.resolve(job("quay.io/a:1", "setup-01t101504")),
    });
    expect(unexpected).toEqual([]);
    expect(immutable).toEqual([]);
  });

  test("tells of a hash of the content in a selector, which may change everywhere else", async () => {
    const hashed = (digit: string): Manifest[] => [
      {
        object: {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "web", labels: { config: digit.repeat(32) } },
          spec: { selector: { matchLabels: { config: digit.repeat(32) } } },
        },
      },
    ];
    const verification = await compare(hashed("a"), hashed("b"));
    expect(verification.immutable).toMatchObject([{ fields: ["spec.selector"] }]);
    expect(doesHarm(verification)).toBe(false);
  });

  test("says nothing of what every upgrade of the chart changes where it may not", async () => {
    const { immutable } = await verify({
      replacements: [],
      texts: new Map(),
      before: job("random-1"),
      after: job("random-2"),
      planned,
      again: () => Promise.resolve(job("random-3")),
    });
    expect(immutable).toEqual([]);
  });
});
