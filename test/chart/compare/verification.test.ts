import type { Manifest } from "../../../src/chart/render/manifest";
import { verify } from "../../../src/chart/compare/verification";

const secret = (value: string): Manifest[] => [
  { object: { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { value, fixed: "x" } } },
];
const planned = { texts: ["mirror.test"], settings: [] };

describe("verify", () => {
  const judge = (after: Manifest[], again: (time: 1 | 2) => Manifest[]) =>
    verify({
      goals: [],
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

  test("does not render again for nothing", async () => {
    const again = jest.fn(() => secret("a"));
    await judge(secret("mirror.test/a"), again);
    expect(again).not.toHaveBeenCalled();
  });
});
