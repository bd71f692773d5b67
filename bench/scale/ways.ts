import type { MeasuredRates, Surroundings, Workload } from "./workload";

/** One way to copy, as a queue: images wait for a slot, spend fixed time in it, and share a pipe. */
export interface Way {
  readonly name: string;
  /** Images under way at one time. */
  readonly slots: number;
  /** Seconds that an image holds its slot beside moving bytes. */
  readonly overhead: number;
  /** Bytes that really move. */
  readonly bytes: number;
  /** Bytes per second of all images together. */
  readonly pipe: number;
  /** Bytes per second of one image at most. */
  readonly flow: number;
  /** Images per second that the target or its cloud admits. */
  readonly admission: number;
  /** Money for lines. */
  readonly cost: number;
}

/** The ways of `copyWith` for a workload. */
export function ways(load: Workload, around: Surroundings, rates: MeasuredRates): Way[] {
  const moved = load.bytes * (1 - load.shared);
  // Mounts begin uploads too; a blob that is there already costs a HEAD, which no registry counts so dearly.
  const admission = Math.min(around.manifestPuts / load.manifests, around.uploadStarts / load.blobs);
  const cpuPipe = around.runnerCores / rates.copyCpuPerByte;
  const onePlatform = load.bytes / load.platforms;
  return [
    {
      name: "process",
      slots: around.copiesAtOnce,
      overhead: rates.copyCpuPerImage,
      bytes: moved,
      pipe: Math.min(around.runnerLine, cpuPipe),
      flow: around.sourceFlow,
      admission,
      cost: moved * around.egressPrice,
    },
    {
      name: "kubernetes",
      slots: around.parallelism,
      overhead: around.podStart,
      // Each pod knows only its own image: what two images share is read for each of them.
      bytes: load.bytes,
      pipe: around.nodes * around.nodeLine,
      flow: around.sourceFlow,
      admission,
      cost: load.bytes * (around.egressPrice + around.natPrice),
    },
    {
      name: "acr-import",
      slots: around.importsAtOnce,
      overhead: 2,
      bytes: load.bytes,
      pipe: around.importsAtOnce * around.importFlow,
      flow: around.importFlow,
      // One call begins an import, and some ask how it goes.
      admission: around.armCalls / 4,
      cost: load.bytes * around.egressPrice,
    },
    {
      name: "pull-through",
      slots: around.copiesAtOnce,
      overhead: 1,
      // Manifests now; the bytes when the first node asks for them.
      bytes: 0,
      pipe: around.runnerLine,
      flow: around.sourceFlow,
      admission: around.manifestPuts / load.manifests,
      cost: moved * around.egressPrice,
    },
    {
      name: "docker",
      slots: around.runnerCores,
      overhead: 1,
      bytes: onePlatform,
      // Each byte comes in, is unpacked, packed again, and goes out.
      pipe: Math.min(around.runnerLine, around.runnerCores / (1 / rates.unpack + 1 / rates.pack)),
      flow: 1 / (1 / around.sourceFlow + 1 / rates.unpack + 1 / rates.pack),
      admission,
      cost: onePlatform * around.egressPrice,
    },
  ];
}

/** What decides how long a way takes. */
export type Bottleneck = "pipe" | "slots" | "admission";

/**
 * Seconds that a way needs, by its narrowest place: the pipe, the slots, or what the target admits.
 *
 * It is the lower bound of every schedule; {@link simulate} tells how near a real one comes.
 */
export function estimate(way: Way, images: number): { seconds: number; bottleneck: Bottleneck } {
  const bounds: [Bottleneck, number][] = [
    ["pipe", way.bytes / way.pipe],
    ["slots", (images * way.overhead + way.bytes / way.flow) / way.slots],
    ["admission", images / way.admission],
  ];
  const [bottleneck, seconds] = bounds.reduce((worst, bound) => (bound[1] > worst[1] ? bound : worst));
  return { seconds, bottleneck };
}
