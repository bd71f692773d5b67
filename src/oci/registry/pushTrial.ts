import { randomUUID } from "node:crypto";
import { parseChallenges } from "../auth/challenge";
import { RetryableFailure } from "../transport/retry";
import type { RegistryClient } from "./client";
import { textHeader } from "./registryRequest";

/** What a registry may say to whoever may push, to a request about an upload that it does not know. */
const NOT_ABOUT_THE_LOGIN = [200, 201, 202, 204, 400, 404, 405, 409, 411, 413, 415, 416, 422, 501];

/**
 * Finds out whether the login may push to a repository, and leaves nothing there: it goes on with an upload that nobody has
 * begun. Registries look at the login's rights before they look for the upload. One that was begun would make a repository
 * in some registries, and not every login that may push may cancel it.
 *
 * @throws {LoginRefusedError} {LoginRequiredError} {AccessDeniedError} and the errors of connections
 */
export async function tryPush(client: RegistryClient, repository: string): Promise<void> {
  try {
    await client.session.sendOnce({
      doing: `pushing to ${client.registry}/${repository}`,
      method: "PATCH",
      url: `${client.path(repository)}/blobs/uploads/${randomUUID()}`,
      permission: client.permission(repository, { push: true }),
      headers: { "Content-Type": "application/octet-stream" },
      body: Buffer.alloc(0),
      expect: NOT_ABOUT_THE_LOGIN,
    });
  } catch (error) {
    throw error instanceof RetryableFailure ? error.error : error;
  }
}

/**
 * Token services that make a repository for whoever asks for a token to push to it: Quay's and GitLab's.
 *
 * @see https://github.com/quay/quay/blob/master/endpoints/v2/v2auth.py
 * @see https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/services/auth/container_registry_authentication_service.rb
 */
const MAKES_REPOSITORIES = /^\/(?:v2\/auth|jwt\/auth)\/?$/;

/** What a registry says to whoever asks its API without a login. */
export interface ApiWelcome {
  /** Whether a request for a token to push would make a missing repository. */
  readonly tokensMakeRepositories: boolean;
}

/** Asks for the root of the API. @param client one without a login */
export async function apiWelcome(client: RegistryClient): Promise<ApiWelcome> {
  const answer = await client.session.send({
    doing: `asking ${client.registry} for its API`,
    method: "GET",
    url: "",
    permission: {},
    expect: [200, 401, 403, 404, 405],
  });
  const { origin } = client.session.endpoint;
  const realms = parseChallenges(textHeader(answer, "www-authenticate") ?? "").map(
    ({ parameters }) => parameters.realm,
  );
  return {
    tokensMakeRepositories: realms.some(
      (realm) =>
        realm !== undefined &&
        URL.canParse(realm, origin.href) &&
        MAKES_REPOSITORIES.test(new URL(realm, origin).pathname),
    ),
  };
}
