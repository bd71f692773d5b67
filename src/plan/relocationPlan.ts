import type { Json, JsonObject, JsonPath } from "../json";

/** Where in a rendered chart an image reference stands. */
export interface ImageLocation {
  /** The object that holds it, as `Kind namespace/name` names it. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Path inside the object, such as `["spec", "template", "spec", "containers", 0, "image"]`. */
  readonly path: JsonPath;
  /** Why the text counts as an image: `container`, `argument`, `environment`, `config`, `annotation`, `customResource`, `imageStream`, `crdDefault`, `user`. */
  readonly evidence: string;
  /** Set when the object is a hook: `test`, `pre-install`, ... */
  readonly hook?: string;
}

/** One image that the chart will pull, and where it will live. */
export interface PlannedImage {
  /** The reference that the chart renders without overrides, canonical: `docker.io/library/nginx:1.27`. */
  readonly source: string;
  /** The reference that the chart renders with the overrides: what the kubelet pulls, and what the copy writes. */
  readonly target: string;
  /** Every place that pulls it; empty for an image named by the user alone. */
  readonly locations: readonly ImageLocation[];
}

/** One value that the plan sets. */
export interface ValueOverride {
  readonly path: JsonPath;
  readonly value: Json;
  /** The coalesced value before; absent when no value stood there. */
  readonly previous?: Json;
  /** In words: `registry of 2 images`, `guard of the chart against other registries`. */
  readonly reason: string;
}

/** A literal that no value reaches, replaced in a copy of the chart. */
export interface ChartPatch {
  /** File inside the chart, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** What the user should know. `escape` means: an image would still be pulled from outside the mirror. */
export interface Finding {
  readonly severity: "escape" | "warning" | "info";
  /** Stable identifier, such as `IMAGE_ESCAPES` or `POD_WITHOUT_PULL_SECRET`. */
  readonly code: string;
  readonly message: string;
  readonly image?: string;
  readonly location?: ImageLocation;
}

/** How a pod of the chart gets its pull secret. */
export interface PodPullSecret {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** The service account that it uses; `default` where it names none. */
  readonly serviceAccount: string;
  /** `pod`: on the pod spec; `serviceAccount`: through the account that it uses; `none`: not at all. */
  readonly via: "pod" | "serviceAccount" | "none";
}

/** An object that Helm makes at a point of a release's life, and that only Helm makes. */
export interface ChartHook {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** When, as the annotation `helm.sh/hook` says it: `pre-install,pre-upgrade`. */
  readonly hook: string;
}

/**
 * What the analysis of a chart says must happen: the one thing that the later stages see of a chart.
 *
 * It is verified: rendering the chart with `values` (and its patched copy, where there are patches) yields exactly the
 * targets, and every reference that does not is an `escape` among the findings.
 */
export interface RelocationPlan {
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion?: string };
  /** Sorted by source; one entry for each source. */
  readonly images: readonly PlannedImage[];
  readonly overrides: readonly ValueOverride[];
  /** The overrides as nested values, to be merged over the user's own. */
  readonly values: JsonObject;
  readonly patches: readonly ChartPatch[];
  readonly pods: readonly PodPullSecret[];
  readonly findings: readonly Finding[];
  /** The chart's hooks; absent when it has none. */
  readonly hooks?: readonly ChartHook[];
  /** Service accounts that shall get the pull secret and that the chart itself makes; absent when there is none. */
  readonly chartAccounts?: readonly string[];
  /** How many times the chart was rendered. */
  readonly renders: number;
}
