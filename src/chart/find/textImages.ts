import { tryParseReference } from "../../image/reference";
import type { Json, JsonObject, JsonPath } from "../../json";
import { isMap, valueAt, valueMaps } from "../content/valuePaths";
import { maySayOther, spokenText } from "../render/spokenText";
import { documentsIn, mayHoldFields, mayShareRegistry } from "../render/textDocuments";
import { knownResource, prefixFields } from "./customResources";
import type { Span } from "./foundImage";
import { isRunByContainer, judgeToken, type Evidence } from "./imageEvidence";
import type { ImageFindings } from "./imageFindings";
import { namesPartOfImage, plainlyNamesImage } from "./imageKeys";
import { bareWord, imageTokens, type ImageToken } from "./imageTokens";
import { placeKind } from "./placeKind";
import { composedImages } from "./imagesBesideRegistry";
import { shellReferences } from "./shellDefaults";
import { fieldText, imagesBelowHub, mapFields, type SplitImage } from "./splitImages";
import type { DumpedParts } from "./valueDump";
import { repositoryName } from "./valueImages";

/** Images of which Argo CD's updater picks a tag: what stands there as one is a range ({@link https://argocd-image-updater.readthedocs.io/en/stable/configuration/images/}). */
const UPDATED = "argocd-image-updater.argoproj.io/image-list";

/**
 * Whether kustomize reads `[OLD=]IMAGE:TAG` at a place, and looks for IMAGE itself where no other name stands before it
 * ({@link https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/}).
 */
function isKustomized(path: JsonPath): boolean {
  return path.at(-3) === "kustomize" && path.at(-2) === "images";
}

/** Where a text stands. */
export interface TextPlace {
  readonly path: JsonPath;
  /** What names it: its key, its variable, the flag before it. */
  readonly key?: string;
  /** It stands where a container has its image. */
  readonly inContainer: boolean;
}

/** A piece of a text that could be a reference. */
interface Candidate {
  readonly token: ImageToken;
  /** What it is made of, where a shell's defaults are between its parts. */
  readonly pieces?: readonly Span[];
}

/** Finds the images that the texts of one object name: whole, in words of scripts and prose, and in the fields of YAML or JSON. */
export class TextSearch {
  constructor(
    private readonly object: JsonObject,
    private readonly findings: ImageFindings,
    private readonly evidence: Evidence,
    private readonly inDump: DumpedParts,
  ) {}

  /** Whether there is anything to look for in a text: most are words and numbers. */
  mayHold(written: string, path: JsonPath, key: string | undefined): boolean {
    if (/[/:@]/.test(written) || maySayOther(this.object, path, written)) return true;
    return key !== undefined && plainlyNamesImage(key);
  }

  read(written: string, place: TextPlace): void {
    const text = spokenText(this.object, place.path, written)?.text;
    if (text === undefined) return;
    const spoken = this.readFields(text, place.path);
    const trimmed = text.trim();
    for (const candidate of candidatesIn(text, place.key))
      if (!spoken.has(candidate.token.text)) this.judge(candidate, text, trimmed, place);
  }

  private judge({ token, pieces }: Candidate, text: string, trimmed: string, place: TextPlace): void {
    const { path, key } = place;
    const kind = placeKind(this.object, path);
    const suffix = token.tag !== undefined || token.digest !== undefined;
    const written = token.scheme === undefined ? token.text : `${token.scheme}://${token.text}`;
    const whole = written === trimmed || (token.goesOn && trimmed.startsWith(written));
    const name = token.key ?? (whole ? key : undefined);
    const container = whole && place.inContainer;
    const judgement = judgeToken(
      token,
      { whole: whole || token.quoted || token.key !== undefined, key: name, container },
      this.evidence,
    );
    if (!judgement) return;
    // Containers run it with a tag, which is told elsewhere.
    const known = !container && this.evidence.containers.get(repositoryName(token.text) ?? "") === true;
    const part = token.goesOn || key === UPDATED || (!suffix && (known || namesPartOfImage(name)));
    // `image` is Kubernetes' own word, under which no tag means `latest`; Helm and Flux have the version elsewhere, and
    // a default may stand beside fields that have none.
    const named = kind !== "crdDefault" && (name === "image" || (kind === "customResource" && token.scheme !== "oci"));
    const tagUntold = !suffix && !part && !container && !named;
    this.findings.addText({
      path,
      text,
      span: token,
      certainty: judgement.certainty,
      why: `${kind} ${name ?? key ?? ""}: ${judgement.why}`,
      ...(part && { completedAtRunTime: true }),
      ...(isKustomized(path) && text.slice(0, token.start).trim() === "" && { isLookedFor: true }),
      ...(tagUntold && { tagUntold }),
      pieces,
    });
  }

  /** Reads the fields of YAML or JSON inside a text; returns the words of it that are spoken for by that. */
  private readFields(text: string, textPath: JsonPath): Set<string> {
    const spoken = new Set<string>();
    const documents = mayHoldFields(text) || mayShareRegistry(text) ? documentsIn(text) : undefined;
    if (!documents) return spoken;
    const fieldAt = (path: JsonPath): string => fieldText(valueAt(documents, path));
    const take = (split: SplitImage, holder: JsonPath): void => {
      const { fields, reference } = split;
      if (spoken.has(fieldAt(fields.repository)) && !fields.registry) return;
      const dumped = this.inDump(reference, fields, documents);
      if (!dumped && !this.findings.addSplit({ ...split, holder, textPath })) return;
      for (const place of [fields.repository, fields.registry]) if (place) spoken.add(fieldAt(place));
    };
    documents.forEach((document, i) => {
      for (const place of prefixFields(document)) {
        const field = [i, ...place];
        if (this.findings.addPrefix(fieldAt(field), field, textPath)) spoken.add(fieldAt(field));
      }
    });
    for (const { path: holder, map } of valueMaps(documents))
      for (const { fields, ...rest } of this.composedIn(map, documents[Number(holder[0])]))
        take({ ...rest, fields: mapFields(fields, (relative) => [...holder, ...relative]) }, holder);
    for (const split of imagesBelowHub(documents)) take(split, split.fields.repository);
    return spoken;
  }

  private composedIn(map: JsonObject, document: Json | undefined): SplitImage[] {
    return composedImages(
      map,
      (reference) => isRunByContainer(reference, this.evidence),
      isMap(document) ? knownResource(document) : undefined,
    );
  }
}

/** What could be a reference in a text; a bare word is, where its key plainly names an image. */
function candidatesIn(text: string, key: string | undefined): Candidate[] {
  const composed = shellReferences(text);
  const pieces = new Set(composed.flatMap((reference) => reference.pieces.flatMap(placesOf)));
  const tokens = imageTokens(text).filter(({ start }) => !pieces.has(start));
  if (tokens.length + composed.length > 0) return [...tokens.map((token) => ({ token })), ...composed];
  const word = text.trim();
  if (key === undefined || !plainlyNamesImage(key) || !tryParseReference(word)) return [];
  return [{ token: bareWord(word, text.indexOf(word)) }];
}

function placesOf({ start, end }: Span): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
