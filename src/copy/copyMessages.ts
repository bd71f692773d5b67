import { formatBytes } from "../image/bytes";
import { copySummary } from "../oci/copySummary";
import type { CopyEvent } from "../oci/progress";
import type { EngineLog } from "./engineLog";

/** Tells the person who watches `pulumi up` how a copy goes: what lasts as a status, what matters as a message. */
export function logCopyEvent(log: EngineLog, event: CopyEvent): void {
  switch (event.type) {
    case "planned":
      return log.status(`${event.image}: ${formatBytes(event.bytesTotal)} in ${event.blobs} blobs`);
    case "progress":
      return log.status(`${event.image}: ${formatBytes(event.bytesDone)} of ${formatBytes(event.bytesTotal)}`);
    case "warning":
      return log.warn(`${event.image}: ${event.message}`);
    case "copied":
      return log.info(`${event.image}: ${copySummary(event.result)}`);
    case "blob":
      return undefined;
  }
}
