import { MirrorError } from "../error";
import type { MirrorAddress } from "./layout";

/** A mirror that charts cannot name. `code` is `INVALID_MIRROR`. */
export class MirrorNotInChartsError extends MirrorError {
  override readonly name = "MirrorNotInChartsError";
  constructor(readonly host: string) {
    super(
      "INVALID_MIRROR",
      `moving the images of a chart to ${host} failed: charts write images without quotes, and there a bracket begins a list of YAML`,
      "Give the mirror a host name, and name it by that",
    );
  }
}

/** Refuses a mirror with an IPv6 address, which no chart takes for certain. @throws {MirrorNotInChartsError} */
export function refuseUnspeakable({ host }: MirrorAddress): void {
  if (host.startsWith("[")) throw new MirrorNotInChartsError(host);
}
