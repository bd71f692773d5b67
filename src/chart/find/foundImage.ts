import type { JsonObject, JsonPath } from "../../json";
import type { ImageLocation } from "../../plan/relocationPlan";

/**
 * How sure a finding is.
 *
 * - `certain`: Kubernetes itself pulls it (a container of a pod spec), or nothing else can be meant;
 * - `likely`: the evidence is good: it traces to an image value of the chart, stands beside a known key or names a
 *   known registry;
 * - `possible`: it is only shaped like an image; confirm it with a HEAD at its registry before it is trusted.
 */
export type Certainty = "certain" | "likely" | "possible";

/** A piece of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An image reference in a rendered chart. */
export interface FoundImage {
  /** The whole reference as the chart renders it; for split fields put together from them. */
  readonly reference: string;
  readonly location: ImageLocation;
  readonly certainty: Certainty;
  /** In words, for the user: `argument --prometheus-config-reloader`, `same repository as a container`. */
  readonly why: string;
  /** The manifest's index in the render. */
  readonly manifest: number;
  /** The text at `location.path` is base64, as in the `data` of a Secret, and the reference stands in what it encodes (`spokenText`). */
  readonly encoded?: true;
  /** The piece of the text at `location.path` that is the reference; absent where it is the whole text. */
  readonly span?: Span;
  /** The pieces of that text that make the reference one after the other, where a shell's defaults lie between them. */
  readonly pieces?: readonly Span[];
  /**
   * Set where an object holds the parts of a reference in fields of their own; `location.path` is the repository's, or,
   * with `inText`, that of the text.
   */
  readonly fields?: SplitFields;
  /** The fields stand in YAML or JSON inside the text at `location.path`; their paths lead through its documents. */
  readonly inText?: true;
  /**
   * What the chart renders is only the beginning: something adds to it at run time (`quay.io/a/b:v{{ .Version }}`, a
   * repository whose tag nobody tells). It must move, but what will be pulled is not known, so it cannot be copied: the
   * user names it in `extraImages`.
   */
  readonly completedAtRunTime?: true;
  /**
   * No image, but what images stand below: a registry or a path in one, which a program puts before their names. It must
   * move; what is pulled below it is not known.
   */
  readonly holdsImages?: true;
  /** A name behind one of several registries, which stays as it is: what is pulled is not known. */
  readonly isNameAlone?: true;
  /**
   * Its name is also what is looked for in manifests, so that it may not be another one where it stands: `a/b:1` among Argo CD's
   * images of kustomize, where `a/b=MIRROR/a/b:1` is another image in its place.
   */
  readonly isLookedFor?: true;
  /**
   * A program is told of it without a tag: it may mean `latest`, or add one of its own. Only where the registry has `latest` it is
   * taken for that; else it counts as completed at run time.
   */
  readonly tagUntold?: true;
}

/** Paths, inside the object or the text, of the fields that together make a reference. */
export interface SplitFields {
  readonly registry?: JsonPath;
  /** What stands between the registry and the repository: an organization or a project. */
  readonly namespace?: JsonPath;
  readonly repository: JsonPath;
  /** The image's name, where `repository` is only the path before it. Absent where the repository ends in it already. */
  readonly image?: JsonPath;
  /** What stands for the repository while that is empty, and must stay: kustomize looks for it in manifests. */
  readonly lookedFor?: JsonPath;
  /** A digest, too, where a field that is named for the tag holds one. */
  readonly tag?: JsonPath;
  /** With or without `sha256:` before it. */
  readonly digest?: JsonPath;
}

/** What is known of the chart besides its render, when images are looked for in it. */
export interface ImageSearchContext {
  /** The chart's coalesced values, the user's among them: hidden references that trace to an image value count. */
  readonly values: JsonObject;
  /** The images that the chart's own metadata lists: hidden references of their repositories count, too. */
  readonly listed?: readonly string[];
}
