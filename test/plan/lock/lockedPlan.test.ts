import { digestOf } from "../../../src/image/digest";
import { pinToLock } from "../../../src/plan/lock/lockedPlan";
import type { LockFile } from "../../../src/plan/lock/lockFile";
import { StaleLockError } from "../../../src/plan/lock/lockDifferences";
import type { ResolvedPlan } from "../../../src/plan/resolvedPlan";
import { CHART_DIGEST, image, lockOf, MIRROR, shopPlan } from "../shopPlan";

const unresolved = (plan: ResolvedPlan): ResolvedPlan => ({
  ...plan,
  images: plan.images.map(({ source, target, locations }) => ({ source, target, locations })),
});
const pin = (plan: ResolvedPlan, lock: LockFile = lockOf(shopPlan()), mirror = MIRROR, chartDigest = CHART_DIGEST) =>
  pinToLock(unresolved(plan), {
    lock,
    file: "chart-mirror.lock.yaml",
    mirror,
    chartDigest,
    renew: "chart-mirror lock x",
  });
const messagesOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof StaleLockError) return error.differences.map(({ message }) => message);
    throw error;
  }
  return [];
};

describe("pinToLock", () => {
  it("gives images what was locked, without asking anybody", () => {
    expect(pin(shopPlan())).toEqual(shopPlan());
  });

  it("gives images the digest that some of their platforms have, for the same platforms alone", () => {
    const some = { ...image("shop/web:1"), targetDigest: digestOf("subset") };
    const lock = { ...lockOf(shopPlan({ images: [some] })), platforms: ["linux/amd64"] };
    const held = (platforms?: string[]) =>
      pinToLock(unresolved(shopPlan({ images: [some] })), {
        lock,
        file: "chart-mirror.lock.yaml",
        mirror: MIRROR,
        chartDigest: CHART_DIGEST,
        renew: "chart-mirror lock x",
        ...(platforms && { platforms }),
      });
    expect(held(["linux/amd64"]).images).toEqual([some]);
    expect(messagesOf(() => held())).toEqual([
      "of each image all platforms shall be copied, the lock file has linux/amd64",
    ]);
    expect(messagesOf(() => held(["linux/amd64", "linux/arm64"]))).toEqual([
      "of each image linux/amd64, linux/arm64 shall be copied, the lock file has linux/amd64",
    ]);
  });

  it("takes a plan that does less", () => {
    const less = shopPlan({ images: [image("shop/web:1")], overrides: [], patches: [] });
    expect(pin(less).images).toEqual([image("shop/web:1")]);
  });

  it.each<[string, () => unknown, string[]]>([
    [
      "an image that is not locked",
      () => pin(shopPlan({ images: [...shopPlan().images, image("shop/new:1")] })),
      ["image quay.io/shop/new:1 is not in the lock file"],
    ],
    [
      "an image with another target",
      () => pin(shopPlan({ images: [{ ...image("shop/web:1"), target: "mirror.test/team/other:1" }] })),
      ["image quay.io/shop/web:1 goes to mirror.test/team/other:1, the lock file has mirror.test/team/shop/web:1"],
    ],
    [
      "a value that is another one",
      () => pin(shopPlan({ overrides: [{ path: ["global", "imageRegistry"], value: "x.test", reason: "" }] })),
      ['value global.imageRegistry becomes "x.test", the lock file has "mirror.test/team"'],
    ],
    [
      "a value that is not locked",
      () => pin(shopPlan({ overrides: [{ path: ["guard"], value: true, reason: "" }] })),
      ["value guard = true is not in the lock file"],
    ],
    [
      "a patch that is not locked",
      () => pin(shopPlan({ patches: [{ file: "templates/x.yaml", line: 1, before: "a", after: "b" }] })),
      ["the patch of line 1 of templates/x.yaml is not in the lock file"],
    ],
    [
      "a patch that is another one",
      () =>
        pin(shopPlan({ patches: [{ file: "templates/job.yaml", line: 7, before: "image: quay.io/a:1", after: "z" }] })),
      ["the patch of line 7 of templates/job.yaml is another one than in the lock file"],
    ],
    [
      "another version of the chart",
      () => pin(shopPlan({ chart: { name: "shop", version: "2.0.0" } }), undefined, MIRROR, digestOf("other")),
      ["the chart's version is 2.0.0, the lock file is of 1.2.3"],
    ],
    [
      "another chart",
      () => pin(shopPlan({ chart: { name: "blog", version: "1.2.3" } })),
      ["the chart is blog 1.2.3, the lock file is of shop 1.2.3"],
    ],
    [
      "another content of the same version",
      () => pin(shopPlan(), undefined, MIRROR, digestOf("other")),
      [`the content of chart shop 1.2.3 is another one: ${digestOf("other")} in place of ${CHART_DIGEST}`],
    ],
    [
      "another mirror, and nothing that only follows from it",
      () => pin(shopPlan({ images: [image("shop/new:1")] }), undefined, "other.test"),
      ["the images go to other.test, the lock file's go to mirror.test/team"],
    ],
  ])("refuses %s", (_, run, messages) => expect(messagesOf(run)).toEqual(messages));

  it("names all that is wrong and the command that renews the lock file", () => {
    const run = () =>
      pin(
        shopPlan({ images: [image("shop/a:1"), image("shop/b:1")], overrides: [] }),
        undefined,
        MIRROR,
        digestOf("other"),
      );
    expect(run).toThrow(StaleLockError);
    expect(run).toThrow(
      /1\. the content of chart .*\n {2}2\. image quay\.io\/shop\/a:1 .*\n {2}3\. image quay\.io\/shop\/b:1 .*/,
    );
    expect(run).toThrow(/Renew the lock file, .*: chart-mirror lock x$/);
  });
});
