import { MirrorError } from "../../error";
import type { QuayScope } from "./quayAccess";

/** The base of what can go wrong with Quay's API. Messages name hosts and names, never a token or a password. */
export class QuayError extends MirrorError {
  override readonly name: string = "QuayError";
}

/** The API refused the token itself. `code` is `QUAY_TOKEN_REFUSED`. */
export class QuayTokenRefusedError extends QuayError {
  override readonly name = "QuayTokenRefusedError";
  constructor(
    readonly host: string,
    doing: string,
    reason?: string,
  ) {
    super(
      "QUAY_TOKEN_REFUSED",
      `Quay ${host} refused the API token while ${doing}${reason ? `: ${reason}` : ""}`,
      "Give a token that is valid (Quay: an organization, Applications, Generate Token), or set QUAY_TOKEN to one where Pulumi runs",
    );
  }
}

/** The token is good, but may not do this. `code` is `QUAY_PERMISSION_DENIED`. */
export class QuayPermissionError extends QuayError {
  override readonly name = "QuayPermissionError";
  constructor(
    readonly host: string,
    doing: string,
    readonly scope: QuayScope,
  ) {
    super(
      "QUAY_PERMISSION_DENIED",
      `Quay ${host} denied ${doing}`,
      `The token needs the scope ${scope} (${SCOPE_TITLES[scope]}), and its user ${USER_NEEDS[scope]}`,
    );
  }
}

/** As Quay's page for new tokens names them. */
const SCOPE_TITLES: Record<QuayScope, string> = {
  "org:admin": '"Administer Organization"',
  "user:admin": '"Administer User"',
  "repo:read": '"View all visible repositories"',
  "repo:create": '"Create Repositories"',
  "repo:admin": '"Administer Repositories"',
};
const USER_NEEDS: Record<QuayScope, string> = {
  "org:admin": "has to be an owner of the organization",
  "user:admin":
    "has to be allowed to create organizations (SUPERUSERS_ORG_CREATION_ONLY and RESTRICTED_USERS forbid it)",
  "repo:read": "has to see the organization's repositories",
  "repo:create": "has to be an owner or creator in the organization",
  "repo:admin": "has to be an owner of the organization",
};

/** The organization is not there. `code` is `QUAY_ORGANIZATION_MISSING`. */
export class QuayOrganizationMissingError extends QuayError {
  override readonly name = "QuayOrganizationMissingError";
  constructor(
    readonly host: string,
    readonly organization: string,
    doing: string,
  ) {
    super(
      "QUAY_ORGANIZATION_MISSING",
      `Organization ${organization} does not exist at Quay ${host}, which was needed for ${doing}`,
      "Leave `existing` off, so that it is created, or create it first",
    );
  }
}

/** Something of that name is there, and was not made by this stack. `code` is `QUAY_EXISTS`. */
export class QuayExistsError extends QuayError {
  override readonly name = "QuayExistsError";
  constructor(host: string, what: string, remedy: string) {
    super("QUAY_EXISTS", `${what} exists at Quay ${host} already, outside of this stack`, remedy);
  }
}

/** A feature is switched off in Quay's configuration. `code` is `QUAY_FEATURE_OFF`. */
export class QuayFeatureOffError extends QuayError {
  override readonly name = "QuayFeatureOffError";
  constructor(
    readonly host: string,
    doing: string,
    readonly feature: string,
  ) {
    super(
      "QUAY_FEATURE_OFF",
      `Quay ${host} does not know how to do this: ${doing}`,
      `Set ${feature}: true in its config.yaml and restart it (Quay 3.7 or later), or copy the images: leave \`proxy\` out`,
    );
  }
}

/** Quay could not log in to the registry that it is to proxy. `code` is `QUAY_UPSTREAM_REFUSED`. */
export class QuayUpstreamRefusedError extends QuayError {
  override readonly name = "QuayUpstreamRefusedError";
  constructor(host: string, organization: string, upstream: string, user: string | undefined, reason: string) {
    super(
      "QUAY_UPSTREAM_REFUSED",
      `Organization ${organization} of Quay ${host} cannot proxy ${upstream} ${user === undefined ? "without a login" : `as user ${JSON.stringify(user)}`}: ${reason}`,
      "Check the proxy's upstream, username and password (for Artifact Registry: user _json_key, the whole JSON key as password), and that Quay reaches that host (SSRF_ALLOWED_HOSTS for private ones)",
    );
  }
}

/** An organization holds repositories that would be deleted with it. `code` is `QUAY_ORGANIZATION_NOT_EMPTY`. */
export function quayOrganizationNotEmpty(
  host: string,
  organization: string,
  repositories: readonly string[],
): QuayError {
  const named = repositories.slice(0, 5).join(", ");
  return new QuayError(
    "QUAY_ORGANIZATION_NOT_EMPTY",
    `Organization ${organization} of Quay ${host} is not deleted: it holds ${repositories.length} repositories (${named}${repositories.length > 5 ? ", ..." : ""})`,
    "Set forceDelete on the registry and update to delete them with it, or retainOnDelete to keep it",
  );
}

/** A repository holds images that would be deleted with it. `code` is `QUAY_REPOSITORY_NOT_EMPTY`. */
export function quayRepositoryNotEmpty(host: string, repository: string): QuayError {
  return new QuayError(
    "QUAY_REPOSITORY_NOT_EMPTY",
    `Repository ${host}/${repository} is not deleted: it holds images`,
    "Set forceDelete on the registry and update to delete them with it, or retainOnDelete to keep it",
  );
}

/** Any other refusal. `code` is `QUAY_REFUSED`. */
export class QuayRefusedError extends QuayError {
  override readonly name = "QuayRefusedError";
  constructor(
    readonly host: string,
    doing: string,
    readonly status: number,
    /** What Quay said, one line, without secrets. */
    readonly reason: string,
  ) {
    super("QUAY_REFUSED", `Quay ${host} refused ${doing}: ${reason || `it answered ${status}`}`, remedyFor(reason));
  }
}

function remedyFor(reason: string): string | undefined {
  if (/e-?mail/i.test(reason))
    return "Give the registry an `email` of its own: this Quay wants one for each organization";
  if (/robot accounts have been disabled/i.test(reason)) return "Set ROBOTS_DISALLOW: false in Quay's config.yaml";
  if (/immutable tags/i.test(reason)) return "Choose another organization for the proxy";
  return undefined;
}

/** A name that Quay does not take. `code` is `INVALID_QUAY_NAME`. */
export function invalidQuayName(what: string, name: string, rule: string, remedy: string): QuayError {
  return new QuayError("INVALID_QUAY_NAME", `${what} cannot be ${JSON.stringify(name)}: ${rule}`, remedy);
}

/** Whether Quay refused to create something because there is one of that name. */
export const isTaken = (error: unknown): boolean =>
  error instanceof QuayRefusedError && /already exists|existing robot/i.test(error.reason);
