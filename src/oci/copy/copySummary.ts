import { formatBytes } from "../../image/bytes";
import type { CopyResult } from "./progress";

/** What a copy did, in words: `1.2 GiB copied, 30.0 MiB mounted from other repositories`. */
export function copySummary({ unchanged, bytesCopied, bytesMounted, bytesSkipped }: CopyResult): string {
  if (unchanged) return "was there already";
  const parts = [`${formatBytes(bytesCopied)} copied`];
  if (bytesMounted > 0) parts.push(`${formatBytes(bytesMounted)} mounted from other repositories`);
  if (bytesSkipped > 0) parts.push(`${formatBytes(bytesSkipped)} there already`);
  return parts.join(", ");
}
