import { RegistryPlaceError } from "./registryError";

/**
 * How registries say that nothing may be written to them: Harbor ("The system is in read only mode"), Quay ("System is
 * currently read-only"), Artifactory and Nexus ("Repository is read-only"), a disk ("read-only file system").
 */
const READ_ONLY =
  /\b(?:is|are|in|currently|set to|set as) (?:a )?read[- ]?only\b|\bread[- ]?only (?:mode|state|registry|repository|file ?system)\b/i;

/** Said of a login: "the token is read-only", `user "ci" is read-only`. */
const IS_OF_LOGIN =
  /\b(?:token|user|account|credential|login|key|robot|role|password|permission|scope)s?(?: [^\s,;:]{1,80})?(?: (?:for|of|to|on) (?:this|the|that) [^\s,;:]{1,80})? (?:is|are|was) (?:currently |only |set to |set as )?(?:a )?read[- ]?only\b(?! (?:mode|state))/gi;
/** "This is a read-only access token". */
const NAMES_LOGIN =
  /\bread[- ]?only (?:access |api |deploy |robot |user )?(?:token|user|account|credential|login|key|robot|role|password|permission|scope)s?\b/gi;

/**
 * How registries say that this place only serves what it has from others: Harbor's proxy projects, Artifact Registry's remote
 * and virtual repositories, Artifactory's without a local one, Nexus's groups, Quay's mirrors.
 */
const ONLY_SERVES = [
  /\b(?:can ?not|can't) (?:push|upload|deploy)\b.{0,80}\b(?:proxy|remote|virtual|mirror(?:ed)?|cache) (?:cache )?(?:project|repositor(?:y|ies)|registry)\b/i,
  /\b(?:proxy|remote|virtual|group|mirror(?:ed)?|cache)\b.{0,60}\b(?:do(?:es)? not|doesn't|don't|can ?not) (?:support|allow|accept|take)\b.{0,40}\b(?:push|upload|writ|deploy)/i,
  /\bno (?:default |local |deployment )+repository\b/i,
  /\bdeploying to groups\b/i,
  /\bnot in a writable state\b|\bis in (?:a )?mirror(?:ing)? state\b/i,
  /\bwrite operations? (?:are|is) (?:currently )?(?:not (?:supported|allowed)|disabled|suspended)\b/i,
];

/** Whether a registry's words mean that it takes no writes at all. What they say of a login is no matter of the registry. */
export function isReadOnly(said: string): boolean {
  const ofRegistry = said.replace(IS_OF_LOGIN, "").replace(NAMES_LOGIN, "");
  return READ_ONLY.test(ofRegistry) || ONLY_SERVES.some((words) => words.test(ofRegistry));
}

/** The registry takes no writes: it is in read-only mode, or a cache of another one. `code` is `REGISTRY_READ_ONLY`. */
export class RegistryReadOnlyError extends RegistryPlaceError {
  override readonly name = "RegistryReadOnlyError";
  constructor(place: string, doing: string, reason: string) {
    super(
      place,
      "REGISTRY_READ_ONLY",
      `Registry ${place} takes nothing, ${doing}: ${reason}`,
      // https://distribution.github.io/distribution/about/configuration/#maintenance, and #proxy
      "End its read-only mode (Harbor: System Settings; Quay: REGISTRY_STATE; CNCF distribution: storage.maintenance.readonly), or name another mirror where it is a cache that only serves (CNCF distribution: proxy; Harbor: a proxy cache project; Artifact Registry and Artifactory: a remote or virtual repository; Nexus: a proxy or a group)",
    );
  }
}
