import { RegistryWaits } from "../../../src/oci/registry/registryWaits";

const retry = (host: string, delayMs: number) =>
  ({ type: "retry", host, doing: "reading a manifest", reason: "it refused the connection", delayMs }) as const;

it("copies that wait side by side tell of it once, of each registry", () => {
  const waits = new RegistryWaits(() => 0);
  const news: string[] = [];
  for (const host of ["a.test", "b.test"])
    for (let copy = 0; copy < 40; copy++) if (waits.isNews(retry(host, 250 + copy))) news.push(`${host} ${copy}`);
  expect(news).toEqual(["a.test 0", "b.test 0"]);
});

it.each([
  ["the first", 0, retry("b.test", 250), true],
  ["one that ends with those told of", 0, retry("a.test", 900), false],
  ["one that comes later and ends soon", 3000, retry("a.test", 500), false],
  ["one that comes much later", 5300, retry("a.test", 500), true],
  ["a pause that lasts", 0, { type: "paused", host: "a.test", reason: "too many requests", delayMs: 60_000 }, true],
] as const)("%s is news: %#", (_, later, event, isNews) => {
  let now = 1000;
  const waits = new RegistryWaits(() => now);
  expect(waits.isNews(retry("a.test", 500))).toBe(true);
  now += later;
  expect(waits.isNews(event)).toBe(isNews);
});
