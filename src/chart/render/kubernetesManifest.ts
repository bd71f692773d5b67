import type { Json, JsonObject } from "../../json";
import { MirrorError } from "../../error";
import { parseRenderedYaml } from "../content/helmYaml";
import { YamlBudget } from "../content/yamlBudget";
import { withChangedWords } from "./changedWords";
import { crdDefaults, mayHoldImageDefault } from "./crdDefaults";
import { isMap } from "../content/valuePaths";

/** One Kubernetes object of a rendered chart. Renders may share objects: never change one. */
export interface Manifest {
  readonly object: JsonObject;
  /** The template that it comes from as Helm names it, `chart/charts/sub/templates/x.yaml`, where that is known. */
  readonly template?: string;
  /** Its `helm.sh/hook` annotation: `test`, `pre-install,pre-upgrade`. */
  readonly hook?: string;
}

/** What tells an object of a render from the others. */
export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Maps, lists and scalars of all that one render gives, aliases written out, CRDs without defaults not counted. The largest charts known
 * render a tenth of it.
 */
export const MAX_RENDERED_NODES = 2_000_000;

/** A document of the output that is no YAML. `code` is `INVALID_MANIFEST`. */
export class InvalidKubernetesManifestError extends MirrorError {
  override readonly name = "InvalidKubernetesManifestError";
  constructor(
    readonly template: string | undefined,
    reason: string,
    options?: ErrorOptions,
  ) {
    super("INVALID_MANIFEST", `reading what ${template ?? "the chart"} rendered failed: ${reason}`, undefined, options);
  }
}

/** Names the object of a manifest. */
export function identityOf(object: JsonObject): ObjectIdentity {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const { namespace } = metadata;
  return {
    apiVersion: text(object.apiVersion),
    kind: text(object.kind),
    ...(typeof namespace === "string" && namespace !== "" && { namespace }),
    name: text(metadata.name) || text(metadata.generateName),
  };
}

/** The group of an API version; empty for Kubernetes' first one, `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/**
 * The Kubernetes objects of some parsed documents: items of lists stand for themselves; what is no object is left out, and of
 * CRDs all but the defaults (they make up most of many charts' output, and nothing else of a schema is pulled).
 */
export function manifestsOf(documents: readonly Json[], template?: string): Manifest[] {
  return documents.flatMap((document) => {
    if (!isMap(document)) return [];
    if (document.kind === CRD) {
      const object = crdDefaults(document);
      return object ? [{ object, template }] : [];
    }
    if (typeof document.kind === "string" && document.kind.endsWith("List") && Array.isArray(document.items))
      return manifestsOf(document.items, template);
    return [{ object: document, template, hook: hookOf(document) }];
  });
}

/** Reads the output of one render. @throws {InvalidKubernetesManifestError} */
export type ManifestParser = (output: string) => Manifest[];

/**
 * Makes a parser of `helm template`'s output that remembers the documents of its last two calls: an analysis renders a chart
 * many times with few changes, and an unchanged document yields the very same {@link Manifest}. Of an install and an upgrade in
 * turn each finds its own.
 */
export function manifestParser(): ManifestParser {
  let known: readonly ReadonlyMap<string, TemplateDocuments>[] = [];
  return (output) => {
    const now = new Map<string, TemplateDocuments>();
    const budget = new YamlBudget(MAX_RENDERED_NODES);
    const result: Manifest[] = [];
    let template: string | undefined;
    for (const document of splitDocuments(output)) {
      // Helm names the template once, above the first of the documents that came from one file.
      if (document.includes(SOURCE)) template = SOURCE_LINE.exec(document)?.[1]?.trim() ?? template;
      const name = template ?? "";
      const documents = now.get(name) ?? new TemplateDocuments();
      now.set(name, documents);
      const [last, other] = known.map((render) => render.get(name));
      const before =
        documents.withText(document) ??
        last?.withText(document) ??
        other?.withText(document) ??
        changedDocument(last?.at(documents.count), document, template);
      if (before) within(template, () => budget.take(before.nodes));
      const parsed = before ?? parseDocument(document, template, budget);
      documents.add(parsed);
      for (const manifest of parsed.manifests) result.push(manifest);
    }
    known = [now, ...known.slice(0, 1)];
    return result;
  };
}

/** Reads the output of `helm template`. @throws {InvalidKubernetesManifestError} */
export function parseManifests(output: string): Manifest[] {
  return manifestParser()(output);
}

const SOURCE = "# Source: ";
const SOURCE_LINE = /^# Source: (.*)$/m;

const CRD = "CustomResourceDefinition";
const CRD_LINE = /^(?:kind|"kind"|'kind')[ \t]*:[ \t]*["']?CustomResourceDefinition\b/m;

interface ParsedDocument {
  readonly text: string;
  /** What the text holds; nothing where it has CRDs, which are large. */
  readonly documents: readonly Json[];
  readonly manifests: readonly Manifest[];
  /** As {@link MAX_RENDERED_NODES} counts them. */
  readonly nodes: number;
}

/** The documents of one template in one render. */
class TemplateDocuments {
  readonly #all: ParsedDocument[] = [];
  readonly #byText = new Map<string, ParsedDocument>();

  get count(): number {
    return this.#all.length;
  }

  at(index: number): ParsedDocument | undefined {
    return this.#all[index];
  }

  withText(text: string): ParsedDocument | undefined {
    return this.#byText.get(text);
  }

  add(document: ParsedDocument): void {
    this.#all.push(document);
    this.#byText.set(document.text, document);
  }
}

/** A document that is one of the render before but for words in it: it is read in no time, and shares what is the same. */
function changedDocument(
  before: ParsedDocument | undefined,
  text: string,
  template: string | undefined,
): ParsedDocument | undefined {
  const documents = before && withChangedWords(before.text, before.documents, text);
  return documents && { text, documents, manifests: manifestsOf(documents, template), nodes: before.nodes };
}

function parseDocument(text: string, template: string | undefined, budget: YamlBudget): ParsedDocument {
  if (CRD_LINE.test(text) && !mayHoldImageDefault(text)) return { text, documents: [], manifests: [], nodes: 0 };
  const before = budget.taken;
  const documents = within(template, () => parseRenderedYaml(text, budget));
  const manifests = within(template, () => manifestsOf(documents, template));
  return { text, documents: text.includes(CRD) ? [] : documents, manifests, nodes: budget.taken - before };
}

function within<T>(template: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidKubernetesManifestError(template, reason, { cause: error });
  }
}

/** A `---` at the very beginning of a line ends a document wherever it stands, even in a block of text (YAML 1.2, 9.1.2). */
function splitDocuments(output: string): string[] {
  return output.split(/^---(?=[ \t\r\n]|$)/m).filter((document) => document.trim() !== "");
}

function hookOf(object: JsonObject): string | undefined {
  const annotations = isMap(object.metadata) ? object.metadata.annotations : undefined;
  const hook = isMap(annotations) ? annotations["helm.sh/hook"] : undefined;
  return typeof hook === "string" && hook !== "" ? hook : undefined;
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
