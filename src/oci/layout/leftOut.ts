import { digestOf, isDigest, type Digest } from "../../image/digest";
import { tryParseReference } from "../../image/reference";
import { isMap, parseJson } from "../../json";
import type { NewArtifact } from "../manifest/artifact";
import { plainArtifact } from "../manifest/artifactManifest";
import { ArtifactType } from "./layoutAnnotations";
import { InvalidLayoutError } from "./layoutErrors";
import { byKey } from "../../textOrder";

/** Blobs that an earlier layout has, each with a repository that has it where that one was loaded. */
export type LeftOut = ReadonlyMap<Digest, string>;

/** Writes down what was left out, in the shape of an artifact. @param since `index.json` of the earlier layout */
export function leftOutArtifact(leftOut: LeftOut, since: Buffer): NewArtifact {
  const blobs = Object.fromEntries([...leftOut].sort(byKey));
  const bytes = Buffer.from(JSON.stringify({ since: digestOf(since), blobs }));
  return plainArtifact(ArtifactType.LEFT_OUT, "json", bytes);
}

/** Reads what {@link leftOutArtifact} wrote. @throws {InvalidLayoutError} */
export function parseLeftOut(place: string, bytes: Buffer): LeftOut {
  const invalid = (): InvalidLayoutError =>
    new InvalidLayoutError(place, "the list of what was left out of it cannot be read");
  let content: unknown;
  try {
    content = parseJson(bytes.toString("utf8"));
  } catch {
    throw invalid();
  }
  if (!isMap(content) || !isMap(content.blobs)) throw invalid();
  const leftOut = new Map<Digest, string>();
  for (const [digest, repository] of Object.entries(content.blobs)) {
    if (!isDigest(digest) || typeof repository !== "string" || !tryParseReference(repository)) throw invalid();
    leftOut.set(digest, repository);
  }
  return leftOut;
}
