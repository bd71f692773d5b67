import { hugeImage, imageSet, type BenchImage } from "./imageSet";

/** A set of images, and what lies between the copiers and the registries. */
export interface Scenario {
  readonly title: string;
  readonly images: () => readonly BenchImage[];
  readonly tls: boolean;
  /** Milliseconds each way, to both registries. Default: none. */
  readonly delay?: number;
  /** Requests that each registry takes in any second. Default: all. */
  readonly perSecond?: number;
  /** Which copiers take part, the first of them is 1. Default: all. */
  readonly copiers?: readonly string[];
}

export type ScenarioName = "plain" | "tls" | "plain-ten" | "tls-ten" | "huge" | "delay-ten" | "limited";

/** Images one after the other over a long line, or against a limit, take minutes and show nothing new. */
const SIDE_BY_SIDE = ["crane, 4 at a time", "skopeo, 4 at a time", "regsync, 4 at a time", "chart-mirror"];

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  plain: { title: "36 images, plain http", images: () => imageSet(36), tls: false },
  tls: { title: "36 images, TLS", images: () => imageSet(36), tls: true },
  "plain-ten": { title: "Ten images, plain http", images: () => imageSet(10), tls: false },
  "tls-ten": { title: "Ten images, TLS", images: () => imageSet(10), tls: true },
  huge: { title: "One image with a layer of 4 GiB, plain http", images: () => [hugeImage()], tls: false },
  "delay-ten": {
    title: "Ten images, TLS, 25 ms each way",
    images: () => imageSet(10),
    tls: true,
    delay: 25,
    copiers: SIDE_BY_SIDE,
  },
  limited: {
    title: "Ten images, TLS, 40 requests a second",
    images: () => imageSet(10, 8),
    tls: true,
    perSecond: 40,
    copiers: SIDE_BY_SIDE,
  },
};

/** By its whole name, or by what stands before the comma: `chart-mirror` on every Node.js, but `crane` alone. */
export const isNamed = (name: string, names: readonly string[]): boolean =>
  names.some((one) => name === one || name.startsWith(`${one}, Node.js`));
