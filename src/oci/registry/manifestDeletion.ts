import type { Digest } from "../../image/digest";
import { MirrorError } from "../../error";
import { RegistryResponseError } from "../errors/errors";
import type { RegistryClient } from "./client";

/** A registry deletes nothing over its API. `code` is `DELETE_UNSUPPORTED`. */
export class DeleteUnsupportedError extends MirrorError {
  override readonly name = "DeleteUnsupportedError";
  constructor(doing: string, place: string, said: string) {
    super(
      "DELETE_UNSUPPORTED",
      `${doing} failed: ${place} deletes nothing over its API${said && ` (${said})`}`,
      "Switch it on: in the CNCF distribution registry storage.delete.enabled: true (REGISTRY_STORAGE_DELETE_ENABLED=true), in Amazon ECR by its own API, which needs @aws-sdk/client-ecr beside this package",
    );
  }
}

/**
 * Deletes a manifest with all its tags
 * ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests}).
 *
 * @returns false where it was not there any more
 * @throws {DeleteUnsupportedError} {AccessDeniedError}
 */
export async function deleteManifest(client: RegistryClient, repository: string, digest: Digest): Promise<boolean> {
  const doing = `deleting ${client.image(repository, digest)}`;
  const request = {
    doing,
    method: "DELETE" as const,
    url: `${client.path(repository)}/manifests/${digest}`,
    permission: client.permission(repository, { delete: true }),
    expect: [200, 202, 204, 400, 404, 405, 501],
  };
  const answer = await client.session.send(request);
  if (answer.status < 300) {
    // The specification says 202; with a page of its own a proxy or a login answers 200.
    if (answer.status === 200 && (await client.headManifest(repository, digest)))
      throw new RegistryResponseError(client.session.place, doing, answer.status, [], "it is still there");
    return true;
  }
  const { codes, text } = client.session.errorsIn(answer);
  if (answer.status === 404) {
    // Those that know no such request say the same.
    if (await client.headManifest(repository, digest))
      throw new DeleteUnsupportedError(doing, client.session.place, text);
    return false;
  }
  if (answer.status !== 400 || codes.includes("UNSUPPORTED"))
    throw new DeleteUnsupportedError(doing, client.session.place, text);
  throw await client.session.failure(request, answer.url, answer.status, answer.headers, answer.body);
}
