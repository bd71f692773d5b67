import { formatBytes } from "../image/bytes";
import type { JsonPath } from "../json";
import { overrideLeaves } from "./overrideLeaves";
import type { ResolvedImage, ResolvedPlan } from "./resolvedPlan";

/** A place in values as people write it: `redis.image.registry`, `hosts[0].image`, `annotations["a.b/c"]`. */
export function formatPath(path: JsonPath): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");
}

/** A plan in words, for previews: its images with their targets, its values, its warnings. */
export function describePlan({ chart, images, overrides, findings }: ResolvedPlan): string {
  const lines = [`${chart.name} ${chart.version}: ${count(images.length, "image")} to mirror`];
  for (const image of images) lines.push(`  ${image.source}`, `    → ${image.target}${details(image)}`);
  if (overrides.length > 0) {
    lines.push(`${count(overrides.length, "value")} to set`);
    for (const { path, previous, value } of overrides.flatMap(overrideLeaves))
      lines.push(
        `  ${formatPath(path)} = ${JSON.stringify(value)}${previous === undefined ? "" : ` (was ${JSON.stringify(previous)})`}`,
      );
  }
  for (const { severity, message } of findings) if (severity !== "info") lines.push(`${severity}: ${message}`);
  return lines.join("\n");
}

function details({ digest, targetDigest = digest, size }: ResolvedImage): string {
  const parts = [targetDigest?.slice(0, 19), size === undefined ? undefined : formatBytes(size)].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(", ")})` : "";
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
