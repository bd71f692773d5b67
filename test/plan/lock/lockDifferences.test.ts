import { lockDifferences } from "../../../src/plan/lock/lockDifferences";
import { lockContent } from "../../../src/plan/lock/lockFile";
import { CHART_DIGEST, image, lockOf, MIRROR, shopPlan } from "../shopPlan";

const differences = (change: Parameters<typeof shopPlan>[0]) =>
  lockDifferences(lockOf(shopPlan()), lockContent(shopPlan(change), MIRROR, CHART_DIGEST)).map(
    ({ change, message }) => `${change}: ${message}`,
  );

describe("lockDifferences", () => {
  it("finds none in the plan that was locked", () => expect(differences({})).toEqual([]));

  it("finds a tag that has moved", () => {
    const { digest } = image("shop/web:1");
    const moved = image("shop/web:1", "newer");
    expect(differences({ images: [image("shop/api:1"), moved] })).toEqual([
      `changed: image quay.io/shop/web:1 has moved: it is ${moved.digest}, the lock file has ${digest}`,
    ]);
  });

  it("finds what is not there any more", () => {
    expect(differences({ images: [image("shop/api:1")], overrides: [], patches: [] })).toEqual([
      "removed: image quay.io/shop/web:1 is not in the chart any more",
      "removed: value global.imageRegistry is not set any more",
      "removed: value sidecars[0].image is not set any more",
      "removed: line 7 of templates/job.yaml is not patched any more",
    ]);
  });

  it("does not take the order of keys for a difference", () => {
    const override = (value: Record<string, number>) => ({ overrides: [{ path: ["a"], value, reason: "" }] });
    const lock = lockOf(shopPlan(override({ x: 1, y: 2 })));
    const now = lockContent(shopPlan(override({ y: 2, x: 1 })), MIRROR, CHART_DIGEST);
    expect(lockDifferences(lock, now)).toEqual([]);
  });
});
