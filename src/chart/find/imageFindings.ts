import type { JsonPath } from "../../json";
import type { ImageLocation } from "../../plan/relocationPlan";
import { valueAt } from "../content/valuePaths";
import { identityOf, type Manifest } from "../render/kubernetesManifest";
import { spokenText } from "../render/spokenText";
import type { FoundImage, Span } from "./foundImage";
import { judgeToken, type Evidence, type Judgement } from "./imageEvidence";
import { bareWord, imageTokens } from "./imageTokens";
import { placeKind } from "./placeKind";
import { isRegistryOrPath } from "./imagesBesideRegistry";
import { fieldNames, hasSuffix, type SplitImage } from "./splitImages";

/** An image reference that one text holds whole, and the reason to take it for an image. */
export interface TextFinding
  extends Judgement, Pick<FoundImage, "completedAtRunTime" | "tagUntold" | "pieces" | "isLookedFor"> {
  readonly path: JsonPath;
  /** What stands at the path. */
  readonly text: string;
  /** Where in the text it stands. */
  readonly span: Span;
  /** Default: what the path tells. */
  readonly evidence?: string;
}

/** An image reference that is spread over several fields, such as `repository` and `tag`. */
export interface SplitFinding extends SplitImage {
  /** The map of the fields: its key says what they are of. */
  readonly holder: JsonPath;
  /** Default: the keys of the fields. */
  readonly names?: readonly string[];
  /** The place of the text in which the fields stand, where they stand in one. */
  readonly textPath?: JsonPath;
}

/** What was found in one object of a render, as {@link FoundImage}s, and which of its places are spoken for. */
export class ImageFindings {
  readonly found: FoundImage[] = [];
  private readonly taken = new Set<string>();
  /** Whether texts with images are encoded: one may hold thousands. */
  private readonly encoded = new Map<string, boolean>();
  private readonly identity: Omit<ImageLocation, "path" | "evidence">;

  constructor(
    private readonly manifest: Manifest,
    private readonly index: number,
    private readonly evidence: Evidence,
  ) {
    const { object, hook } = manifest;
    this.identity = { ...identityOf(object), ...(hook !== undefined && { hook }) };
  }

  /** Has nothing else looked for at a place. */
  take(path: JsonPath): void {
    this.taken.add(JSON.stringify(path));
  }

  isTaken(path: JsonPath): boolean {
    return this.taken.has(JSON.stringify(path));
  }

  addText({ path, text, span: { start, end }, certainty, why, evidence, ...rest }: TextFinding): void {
    this.take(path);
    const piece = rest.pieces?.map((part) => text.slice(part.start, part.end)).join("") ?? text.slice(start, end);
    const reference = piece.trim();
    const from = start + piece.indexOf(reference);
    this.found.push({
      reference,
      location: this.locationOf(path, evidence),
      certainty,
      why,
      manifest: this.index,
      span: reference === text || rest.pieces ? undefined : { start: from, end: from + reference.length },
      // A container's image is what it is, whatever it could encode.
      ...(valueAt(this.manifest.object, path) !== text && this.encodedAt(path)),
      ...rest,
    });
  }

  /** Adds what fields make, unless nothing speaks for an image. Tells whether it was added. */
  addSplit(split: SplitFinding): boolean {
    const { reference, fields, holder, names = fieldNames(fields), textPath } = split;
    if (split.standsBefore) return this.addPrefix(reference, fields.repository, textPath);
    if (split.behindOneOf) {
      const why = `which of ${split.behindOneOf.join(", ")} stands before it is not known here`;
      const behind = { certainty: "possible", why, isNameAlone: true } as const;
      this.pushSplit(split, behind);
      return true;
    }
    const key = [...holder].reverse().find((step) => typeof step === "string");
    const judgement = judgeToken(
      imageTokens(reference)[0] ?? bareWord(reference, 0),
      { whole: true, split: true, key },
      this.evidence,
    );
    if (!judgement) return false;
    this.pushSplit(split, {
      certainty: judgement.certainty,
      why: `${judgement.why}, in fields ${names.join(", ")}`,
      ...(!hasSuffix(reference) && { completedAtRunTime: true }),
    });
    return true;
  }

  private pushSplit(
    { reference, fields, textPath }: SplitFinding,
    rest: Pick<FoundImage, "certainty" | "why" | "completedAtRunTime" | "isNameAlone">,
  ): void {
    this.found.push({
      reference,
      location: this.locationOf(textPath ?? fields.repository),
      manifest: this.index,
      fields,
      ...(textPath && this.inText(textPath)),
      ...rest,
    });
  }

  /**
   * Adds what a program of a known kind puts before the names of images. Tells whether it was added: only a registry, or a path
   * in one, is.
   *
   * @param textPath the place of the text in which the field stands, where it stands in one
   */
  addPrefix(prefix: string, field: JsonPath, textPath?: JsonPath): boolean {
    if (!isRegistryOrPath(prefix)) return false;
    if (!textPath) this.take(field);
    this.found.push({
      reference: prefix,
      location: this.locationOf(textPath ?? field),
      certainty: "likely",
      why: `${String(field.at(-1))} stands before the names of images`,
      manifest: this.index,
      fields: { repository: field },
      holdsImages: true,
      ...(textPath && this.inText(textPath)),
    });
    return true;
  }

  private locationOf(path: JsonPath, evidence = placeKind(this.manifest.object, path)): ImageLocation {
    return { ...this.identity, path, evidence };
  }

  private inText(path: JsonPath): Pick<FoundImage, "inText" | "encoded"> {
    return { inText: true, ...this.encodedAt(path) };
  }

  private encodedAt(path: JsonPath): Pick<FoundImage, "encoded"> {
    const key = JSON.stringify(path);
    const known = this.encoded.get(key) ?? this.isEncodedAt(path);
    this.encoded.set(key, known);
    return known ? { encoded: true } : {};
  }

  private isEncodedAt(path: JsonPath): boolean {
    const written = valueAt(this.manifest.object, path);
    return typeof written === "string" && spokenText(this.manifest.object, path, written)?.encoded === true;
  }
}
