import { changedImages, planChanges, toldOf, type ChangeContext, type EarlierPlan } from "../../src/plan/planChanges";
import { digestOf } from "../../src/image/digest";
import { image, shopPlan } from "./shopPlan";

const api = image("shop/api:1");
const other = digestOf("other");
const earlierOf = (change: Partial<EarlierPlan> = {}): EarlierPlan => {
  const { images, values } = shopPlan();
  return { images, values, told: toldOf(shopPlan()), ...change };
};

describe("images", () => {
  it.each<[string, object, ChangeContext, object[]]>([
    ["nothing known", {}, {}, [{ way: "copy" }]],
    ["the same before", {}, { earlier: earlierOf() }, []],
    ["another tag before", {}, { earlier: earlierOf({ images: [image("shop/api:0")] }) }, [{ way: "copy" }]],
    ["moved", {}, { earlier: earlierOf({ images: [{ ...api, digest: other }] }) }, [{ way: "copy", previous: other }]],
    ["in the mirror", {}, { present: new Map([[api.target, api.digest]]) }, [{ way: "there" }]],
    ["another one in the mirror", {}, { present: new Map([[api.target, other]]) }, [{ way: "copy", previous: other }]],
    ["served", {}, { serves: () => true }, [{ way: "served" }]],
    ["served before", {}, { serves: () => true, earlier: earlierOf() }, []],
    ["of no known digest, before", { digest: undefined }, { earlier: earlierOf() }, []],
    [
      "of no known digest, in the mirror",
      { digest: undefined },
      { present: new Map([[api.target, other]]) },
      [{ way: "there" }],
    ],
    ["packed anew, before", {}, { earlier: earlierOf({ images: [{ ...api, digest: other }] }), packedAnew: true }, []],
    [
      "of some platforms, before",
      { targetDigest: other },
      { earlier: earlierOf({ images: [{ ...api, digest: other }] }) },
      [],
    ],
    ["of other platforms", { targetDigest: other }, { earlier: earlierOf() }, [{ way: "copy", previous: api.digest }]],
  ])("%s", (_, change, context, expected) => {
    expect(changedImages([{ ...api, ...change }], context)).toMatchObject(expected);
  });
});

it("finds no change in the same plan, and all of it new where nothing was before", () => {
  const none = { images: [], gone: [], values: [], valuesGone: [], patches: [], findings: [] };
  const values = { ...shopPlan().values, sidecars: [{ image: "mirror.test/team/shop/log:1" }] };
  expect(planChanges(shopPlan({ values }), { earlier: earlierOf({ values }) })).toEqual(none);
  const all = planChanges(shopPlan(), {});
  expect([all.images.length, all.values.length, all.patches.length, all.findings.length]).toEqual([2, 2, 1, 1]);
  expect([all.gone, all.valuesGone]).toEqual([[], []]);
});

it("tells values that change from those that stay, and those that are not set any more", () => {
  const values = { global: { imageRegistry: "old.test" }, gone: { image: "old.test/x" }, lists: ["a"] };
  const { values: changed, valuesGone } = planChanges(shopPlan(), { earlier: earlierOf({ values }) });
  expect(changed.map(({ path }) => path)).toEqual([
    ["global", "imageRegistry"],
    ["sidecars", 0, "image"],
  ]);
  expect(valuesGone).toEqual([["gone", "image"], ["lists"]]);
});

it("tells images that are not needed any more, and none whose place another source has now", () => {
  const gone = image("shop/old:1");
  const { gone: told } = planChanges(shopPlan(), {
    earlier: earlierOf({ images: [gone, { ...api, source: "x.test/a:1" }] }),
  });
  expect(told).toEqual([gone]);
});

it("knows lines and warnings again by their text, wherever they stand, and keeps none of it", () => {
  const [patch] = shopPlan().patches;
  const moved = shopPlan({ patches: [{ ...patch!, line: 99 }] });
  expect(planChanges(moved, { earlier: earlierOf() }).patches).toEqual([]);
  const changed = shopPlan({ patches: [{ ...patch!, after: "image: other" }] });
  expect(planChanges(changed, { earlier: earlierOf() }).patches).toHaveLength(1);
  expect(JSON.stringify(toldOf(shopPlan()))).toMatch(/^\["[0-9a-f]{12}","[0-9a-f]{12}"\]$/);
});
