import { byKey, compareTexts } from "../src/textOrder";

it("orders texts as sort does by itself, whatever the language of the machine", () => {
  const texts = ["b", "a", "B", "ä", "a", "", "\u{1f600}", "\uffff"];
  expect([...texts].sort(compareTexts)).toEqual([...texts].sort());
  expect(compareTexts("a", "a")).toBe(0);
});

it("orders entries by their keys, and leaves those of one key as they came", () => {
  const entries: [string, number][] = [
    ["b", 1],
    ["a", 2],
    ["b", 0],
  ];
  expect([...entries].sort(byKey)).toEqual([
    ["a", 2],
    ["b", 1],
    ["b", 0],
  ]);
});
