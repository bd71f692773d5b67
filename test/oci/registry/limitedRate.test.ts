/** Copies to registries that limit the rate of requests: all of them come, and few requests are refused. */
import type { RegistryEvent } from "../../../src/oci/transport/registryEvent";
import { makeImage, pushImage } from "../../support/images";
import type { RegistryOptions, TestRegistry } from "../../support/registry";
import { Choices } from "../copy/choices";
import { at, FastClock, Fixture } from "../fixture";

const fixture = new Fixture();
const IMAGES = Array.from({ length: 8 }, (_, i) =>
  makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [
      { size: 530_000, seed: `base ${platform}` },
      { size: 520_000 + i, seed: `own ${i} ${platform}` },
      { size: 900, seed: `small ${i} ${platform}` },
      { size: 400, seed: `tiny ${i} ${platform}` },
    ],
  }),
);

interface Result {
  readonly refused: number;
  readonly requests: number;
  readonly seconds: number;
  readonly events: readonly RegistryEvent[];
}

/** Copies all images to a registry with this limit. */
async function copyAll(
  rate: Omit<NonNullable<RegistryOptions["rate"]>, "now">,
  disturb: (server: TestRegistry) => void = () => undefined,
): Promise<Result> {
  const clock = new FastClock();
  const options = { rate: { ...rate, now: () => clock.now() } };
  const source = await fixture.registry();
  for (const [i, image] of IMAGES.entries()) await pushImage(source, `a${i}:1`, image);
  const target = await fixture.registry(options);
  const events: RegistryEvent[] = [];
  disturb(target);
  const client = fixture.client([source, target], { clock, onEvent: (event) => events.push(event) });
  const begin = clock.now();
  await Promise.all(IMAGES.map((_, i) => client.copy(at(source, `a${i}:1`), at(target, `b${i}:1`))));
  const seconds = (clock.now() - begin) / 1000;
  const refused = target.requests.count({ status: 429 });
  const requests = target.requests.count();
  for (const [i, image] of IMAGES.entries()) expect(target.tag(`b${i}`, "1")).toBe(image.digest);
  return { refused, requests, seconds, events };
}

it.each<[string, Omit<NonNullable<RegistryOptions["rate"]>, "now">, number]>([
  ["in any second", { limit: 40 }, 30],
  ["in each second", { limit: 40, window: "fixed" }, 30],
  ["in any second, without a word of when", { limit: 40, tells: "nothing" }, 30],
  ["in any second, and says what is left", { limit: 40, tells: "fields" }, 5],
  ["in any second, and says so in the structured field", { limit: 40, tells: "structured" }, 5],
  ["of each kind in any second", { limit: 20, byKind: true }, 45],
])("a target that takes so many requests %s refuses few", async (_, rate, most) => {
  const { refused, requests, seconds, events } = await copyAll(rate);
  expect(requests).toBeGreaterThan(150);
  expect(refused).toBeLessThanOrEqual(most);
  expect(seconds).toBeGreaterThan(3);
  // Those that are refused together are told of as one.
  expect(events.filter(({ type }) => type === "paused").length).toBeLessThanOrEqual(1 + refused / 2);
});

it.each(Array.from({ length: 5 }, (_, seed) => seed))(
  "with faults beside it, all images come: seed %i",
  async (seed) => {
    const choices = new Choices(seed);
    await copyAll({ limit: choices.one([15, 40, 100]), window: choices.one(["sliding", "fixed"]) }, (server) => {
      for (let i = 0; i < 6; i++)
        server.faults.add({
          match: {
            method: choices.one(["HEAD", "POST", "PATCH", "PUT"]),
            nth: 1 + choices.below(20),
            times: choices.one([1, 2]),
          },
          action: choices.one([
            {
              kind: "answer",
              status: choices.one([429, 500, 503]),
              headers: { "retry-after": choices.one(["0", "2", "soon"]) },
            },
            { kind: "loseAnswer" },
            { kind: "close" },
          ]),
        });
    });
  },
);
