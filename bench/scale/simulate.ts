import type { Way } from "./ways";

/** A number from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** A generator of the same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Sizes as registries have them: many small images, few very large ones (log-normal), with the given sum. */
export function imageSizes(images: number, bytes: number, random: Random): number[] {
  const sizes = Array.from({ length: images }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.exp(normal);
  });
  const sum = sizes.reduce((a, b) => a + b, 0);
  return sizes.map((size) => (size / sum) * bytes);
}

/** Bytes per second that take no time; infinity would make zeros into no numbers. */
const INSTANT = 1e15;

interface Moving {
  overhead: number;
  bytes: number;
}

/**
 * Seconds until the last image is copied, event by event: images take slots in turn, are admitted at most so often,
 * spend their overhead, and then share the pipe evenly up to their own flow.
 */
export function simulate(way: Way, sizes: readonly number[]): number {
  let now = 0;
  let next = 0;
  let admittedAt = 0;
  const moving = new Set<Moving>();
  while (next < sizes.length || moving.size > 0) {
    while (next < sizes.length && moving.size < way.slots && admittedAt <= now + 1e-9) {
      moving.add({ overhead: way.overhead, bytes: sizes[next++] ?? 0 });
      admittedAt = Math.max(admittedAt, now) + 1 / way.admission;
    }
    const flowing = [...moving].filter(({ overhead, bytes }) => overhead <= 0 && bytes > 0).length;
    const rate = Math.min(way.flow, way.pipe / Math.max(flowing, 1), INSTANT);
    let step = next < sizes.length && moving.size < way.slots ? admittedAt - now : Infinity;
    for (const { overhead, bytes } of moving) step = Math.min(step, overhead > 0 ? overhead : bytes / rate);
    now += step;
    for (const image of moving) {
      if (image.overhead > 0) image.overhead -= step;
      else image.bytes -= step * rate;
      // What is left of a rounding is not another event: it could be too small to move the clock.
      if (image.overhead < 1e-6) image.overhead = 0;
      if (image.overhead === 0 && image.bytes < rate * 1e-6) moving.delete(image);
    }
  }
  return now;
}
