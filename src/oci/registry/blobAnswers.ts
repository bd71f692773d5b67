import { isDigest, isUsualDigest, type Digest } from "../../image/digest";
import { textHeader, type RegistryAnswer } from "./registryRequest";

/** Whether an answer names no other blob than the one that it should be about. The header may be absent, or of another algorithm. */
export function isStoredAs(answer: RegistryAnswer, digest: Digest): boolean {
  const told = textHeader(answer, "docker-content-digest")?.trim().toLowerCase();
  return told === undefined || told === digest || !isDigest(told) || isUsualDigest(told) !== isUsualDigest(digest);
}

/** Whether an answer says that its content has another length. Of what is encoded it says another one. */
export function isOfOtherLength(answer: Pick<RegistryAnswer, "headers">, size: number | undefined): boolean {
  const length = textHeader(answer, "content-length");
  if (size === undefined || length === undefined || textHeader(answer, "content-encoding") !== undefined) return false;
  return Number(length) !== size;
}
