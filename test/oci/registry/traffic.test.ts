import { Traffic } from "../../../src/oci/registry/traffic";
import { makeImage, pushImage } from "../../support/images";
import { at, FastClock, Fixture } from "../fixture";

const fixture = new Fixture();
const image = makeImage({ layers: [{ size: 700_000, seed: "layer" }] });

it("keeps all who share it within the limits of a host, whatever their logins", async () => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const traffic = new Traffic({ clock: new FastClock(), limits: { requests: 1 } });
  const waiting = fixture.client([source, target], { traffic }, () => ({ username: "one", password: "1" }));
  const alone = fixture.client([source, target], {}, () => ({ username: "two", password: "2" }));
  let free: () => void = () => undefined;
  // Someone with another login has the only place at the source.
  const busy = traffic.limits.with(
    [{ host: source.host, kind: "requests" }],
    () => new Promise<void>((resolve) => (free = resolve)),
  );
  const order: string[] = [];
  const copy = waiting.copy(at(source, "a:1"), at(target, "waits:1")).then(() => order.push("waited"));
  await alone.copy(at(source, "a:1"), at(target, "alone:1")).then(() => order.push("alone"));
  expect(target.tags("waits")).toEqual([]);
  free();
  await Promise.all([busy, copy]);
  expect(order).toEqual(["alone", "waited"]);
  expect(await target.defects("waits", "1")).toEqual([]);
});

it("makes all who share it keep a pause that one of them was asked for", async () => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const clock = new FastClock();
  const traffic = new Traffic({ clock });
  const [first, second] = [1, 2].map((n) =>
    fixture.client([source, target], { traffic }, () => ({ username: `u${n}`, password: "x" })),
  );
  source.faults.add({
    match: { method: "HEAD" },
    action: { kind: "answer", status: 429, headers: { "retry-after": "9" } },
  });
  const paused = first?.copy(at(source, "a:1"), at(target, "b:1"));
  while (source.requests.count() === 0) await new Promise(setImmediate);
  while (clock.slept.length === 0) await new Promise(setImmediate);
  const before = clock.now();
  await second?.resolve(at(source, "a:1"));
  expect(clock.now() - before).toBeGreaterThan(7000);
  await paused;
});
