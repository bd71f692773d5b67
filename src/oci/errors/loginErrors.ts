import { RegistryResponseError, WEB_PAGE_REMEDY } from "./connectionErrors";
import { permissionRemedy, type RefusedRequest } from "./permissionRemedy";
import { RegistryError, registryOf, RegistryPlaceError } from "./registryError";

/** The registry or its token service refused the credentials. `code` is `LOGIN_REFUSED`. */
export class LoginRefusedError extends RegistryPlaceError {
  override readonly name = "LoginRefusedError";
  constructor(
    place: string,
    /** As the credentials name it; a token has none. */
    readonly user: string | undefined,
    reason?: string,
  ) {
    super(
      place,
      "LOGIN_REFUSED",
      `Registry ${place} refused the login ${user === undefined ? "with a token" : `of user ${JSON.stringify(user)}`}${reason ? `: ${reason}` : ""}`,
      "Check user and password, and that a token has not expired",
    );
  }
}

/** The registry wants a login and none is known. `code` is `LOGIN_REQUIRED`. */
export class LoginRequiredError extends RegistryPlaceError {
  override readonly name = "LoginRequiredError";
  constructor(
    place: string,
    what: string,
    /** The host that a login would be for, where another serves the registry's images. */
    loginHost = registryOf(place),
  ) {
    super(
      place,
      "LOGIN_REQUIRED",
      `Registry ${place} wants a login for ${what}, or the image does not exist, and there are no credentials for it`,
      ({ giveLogin }) => giveLogin(loginHost),
    );
  }
}

/** The login is good, but does not allow this. `code` is `ACCESS_DENIED`. */
export class AccessDeniedError extends RegistryPlaceError {
  override readonly name = "AccessDeniedError";
  constructor(
    place: string,
    readonly user: string | undefined,
    doing: string,
    reason?: string,
    refused: Pick<RefusedRequest, "kind" | "repository" | "push"> = {},
  ) {
    super(
      place,
      "ACCESS_DENIED",
      `Registry ${place} denied ${doing} to ${user === undefined ? "an anonymous user" : `user ${JSON.stringify(user)}`}${reason ? `: ${reason}` : ""}`,
      permissionRemedy({ registry: place, ...refused, ...(reason !== undefined && { said: reason }) }),
    );
  }
}

/** The registry names a token service that its credentials are not for. `code` is `TOKEN_SERVICE_UNTRUSTED`. */
export class TokenServiceUntrustedError extends RegistryPlaceError {
  override readonly name = "TokenServiceUntrustedError";
  constructor(
    place: string,
    readonly tokenService: string,
    /** Why it cannot be trusted, not even where the user says so. */
    reason?: string,
  ) {
    super(
      place,
      "TOKEN_SERVICE_UNTRUSTED",
      `Registry ${place} wants its credentials sent to ${tokenService}, ${reason ?? "which is another host"}`,
      reason === undefined
        ? ({ tokenServices }) => `If that is its token service, name it in ${tokenServices}`
        : "Have the address corrected that the registry gives for its token service",
    );
  }
}

/** A token service that answers well, and not with a token. `code` is `REGISTRY_FAILED`. */
export class NoTokenError extends RegistryResponseError {
  override readonly name = "NoTokenError";
  constructor(place: string, doing: string, status: number, said: string) {
    super(place, doing, status, [], `it answered no token${said && `, but ${said}`}`, {
      code: "REGISTRY_FAILED",
      remedy: WEB_PAGE_REMEDY,
    });
  }
}

/** The login configuration cannot be used. `code` is `CREDENTIALS_UNREADABLE`. */
export class CredentialsError extends RegistryError {
  override readonly name: string = "CredentialsError";
  constructor(problem: string, remedy?: string, options?: ErrorOptions) {
    super("CREDENTIALS_UNREADABLE", problem, remedy, options);
  }
}
