import type { Finding } from "../../../src/plan/relocationPlan";
import type { ServerAnswers } from "./corpusCluster";
import type { ImageText } from "./outsideImages";

/** Something that would go wrong with a mirrored chart, and whether the analysis told of it. */
export interface Fault {
  readonly what: "outside" | "refused" | "upgrade" | "secret";
  readonly object: string;
  readonly detail: string;
  readonly explained: boolean;
}

export interface Judged {
  readonly findings: readonly Finding[];
  /** What the mirrored chart would pull from elsewhere, on install and on upgrade. */
  readonly outside: readonly ImageText[];
  /** Pods without the secret. */
  readonly withoutSecret: readonly string[];
  readonly server?: ServerAnswers;
}

/**
 * The faults of a mirrored chart. An object that the server refuses also without the mirror is the chart's own fault and not told.
 * A fault is explained where a finding names its image or its object; else it is silent, which is the worst.
 */
export function faultsOf({ findings, outside, withoutSecret, server }: Judged): Fault[] {
  const tellsOf = (object: string, text?: string): boolean =>
    findings.some(
      ({ severity, location, message, image }) =>
        severity !== "info" &&
        ((text !== undefined && (image === text || message.includes(text))) ||
          (location !== undefined && `${location.kind} ${location.name}` === object) ||
          message.includes(object)),
    );
  const ignored = new Set(findings.flatMap(({ code, image }) => (code === "UNCONFIRMED_IMAGE" ? (image ?? []) : [])));
  const faults: Fault[] = [];
  for (const { object, path, reference } of outside)
    faults.push({
      what: "outside",
      object,
      detail: `${reference} at ${path}`,
      explained: ignored.has(reference) || tellsOf(object, reference),
    });
  for (const object of withoutSecret)
    faults.push({ what: "secret", object, detail: "no pull secret", explained: tellsOf(object) });
  if (!server) return faults;
  for (const [key, { object, why }] of server.install.refused)
    if (!server.before.refused.has(key))
      faults.push({ what: "refused", object, detail: why, explained: tellsOf(object) });
  for (const [key, { object, why }] of server.upgrade.refused)
    if (!server.before.refused.has(key) && !server.install.refused.has(key))
      faults.push({ what: "upgrade", object, detail: why, explained: tellsOf(object) });
  return faults;
}

/** `works`: nothing is wrong; `explained`: what is wrong was told; `silent`: something wrong was not. */
export function verdict(faults: readonly Fault[]): "works" | "explained" | "silent" {
  if (faults.length === 0) return "works";
  return faults.every(({ explained }) => explained) ? "explained" : "silent";
}
