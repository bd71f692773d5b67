import { systemClock, Waker } from "../../../src/oci/transport/clock";

it("never goes back, and tells milliseconds", async () => {
  const [before, date] = [systemClock.now(), systemClock.date()];
  await systemClock.sleep(20);
  const passed = systemClock.now() - before;
  expect(passed).toBeGreaterThan(19);
  expect(Math.abs(systemClock.date() - date - passed)).toBeLessThan(1000);
});

it("sleeps no longer than until it is woken, and leaves no timer then", async () => {
  const waker = new Waker();
  waker.call();
  for (let i = 0; i < 20; i++) {
    const sleep = systemClock.sleep(600_000, waker);
    waker.call();
    await sleep;
  }
  expect(process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length).toBeLessThan(10);
});
