import { registryAction, type ResourceManagerDependencies } from "../azure/resourceManager";
import { AzureRequestError } from "../azure/resourceManagerErrors";
import { MirrorError } from "../error";
import { canonicalHost, formatReference, type ImageReference } from "../image/reference";
import type { Keychain } from "../oci/auth/credentials";
import type { AccessInput } from "./imageCopyInputs";
import type { ImageCopyMethod, ImageToCopy } from "./imageCopyMethod";

/** An image cannot be imported at all. `code` is `ACR_IMPORT_IMPOSSIBLE`. */
export function acrImportImpossible(
  source: ImageReference,
  target: ImageReference,
  reason: string,
  remedy: string,
): MirrorError {
  return new MirrorError(
    "ACR_IMPORT_IMPOSSIBLE",
    `${formatReference(source)} cannot be imported to ${formatReference(target)}: ${reason}`,
    remedy,
  );
}

/** The import ended, and the registry does not have what was planned. `code` is `ACR_IMPORT_MISMATCH`. */
export function acrImportMismatch(target: ImageReference, wanted: string, found: string | undefined): MirrorError {
  return new MirrorError(
    "ACR_IMPORT_MISMATCH",
    `${formatReference(target)} was imported, and its registry ${found ? `has ${found}` : "has nothing under that name"} in place of ${wanted}`,
    "Run again; if it stays, copy with CopyMethod.Process",
  );
}

/** The body of `importImage`. */
interface ImportImage {
  readonly source: {
    readonly registryUri: string;
    readonly sourceImage: string;
    readonly credentials?: { readonly username?: string; readonly password: string };
  };
  readonly targetTags?: readonly string[];
  readonly untaggedTargetRepositories?: readonly string[];
  readonly mode: "Force";
}

/** What imports need from outside. */
export interface AcrImportDependencies extends ResourceManagerDependencies {
  /** Logins of source registries that the program does not give. */
  readonly keychain: Keychain;
}

/**
 * An Azure Container Registry imports the image itself, with all platforms: no byte passes this machine.
 *
 * @see https://learn.microsoft.com/rest/api/container-registry/registries/import-image
 */
export function acrImportCopy(dependencies: AcrImportDependencies): ImageCopyMethod {
  return {
    async copy(image) {
      const { source, target, digest, access, registries, log } = image;
      if (digest === undefined)
        throw new MirrorError("DIGEST_UNKNOWN", `No digest is known for ${formatReference(source)}`);
      const manager = access.find(({ host }) => canonicalHost(host) === target.registry)?.resourceManager;
      if (!manager)
        throw acrImportImpossible(
          source,
          target,
          "nothing is known of the registry in Azure Resource Manager",
          "Set copyWith on an AcrRegistry, which knows it",
        );
      if ((await registries.head(target))?.digest === digest) {
        log.info(`${formatReference(target)}: was there already`);
        return digest;
      }
      const request = await importRequest(image, dependencies.keychain);
      log.status(`${formatReference(target)}: imported by the registry from ${request.source.registryUri}`);
      const action = {
        name: "importImage",
        role: "Container Registry Data Importer and Data Reader",
        doing: `Importing ${formatReference(source)} to ${formatReference(target)}`,
        secrets: request.source.credentials ? [request.source.credentials.password] : [],
      };
      await registryAction(manager, action, request, dependencies).catch((error: unknown) => {
        throw withRemedy(error, image);
      });
      const found = (await registries.head(target))?.digest;
      if (found !== digest) throw acrImportMismatch(target, digest, found);
      log.info(`${formatReference(target)}: imported by the registry`);
      return digest;
    },

    look: async ({ target, registries }) => (await registries.head(target))?.digest,
  };
}

async function importRequest(image: ImageToCopy, keychain: Keychain): Promise<ImportImage> {
  const { source, target, digest, access } = image;
  const from = access.find(({ host }) => canonicalHost(host) === source.registry);
  if (from?.plainHttp || from?.caCertificate !== undefined || from?.clientCertificate)
    throw acrImportImpossible(
      source,
      target,
      `the registry imports over https with a certificate that everybody trusts, and ${from.host} is reached otherwise`,
      "Copy with CopyMethod.Process",
    );
  const [registryUri = "", ...path] = (from?.location ?? source.registry).split("/");
  const credentials = await sourceCredentials(image, from, keychain);
  return {
    source: {
      registryUri,
      sourceImage: `${[...path, source.repository].join("/")}@${String(digest)}`,
      ...(credentials && { credentials }),
    },
    ...(target.tag === undefined && target.digest !== undefined
      ? { untaggedTargetRepositories: [target.repository] }
      : { targetTags: [`${target.repository}:${target.tag ?? "latest"}`] }),
    // A tag that moved is to move in the mirror as well; what is there already was not imported again.
    mode: "Force",
  };
}

async function sourceCredentials(
  { source, target }: ImageToCopy,
  from: AccessInput | undefined,
  keychain: Keychain,
): Promise<ImportImage["source"]["credentials"]> {
  const { username, password, azureToken, identityToken } = from ?? {};
  if (username !== undefined && password !== undefined) return { username, password };
  // A token of another tenant is a password without a user.
  if (azureToken) return { password: azureToken.accessToken };
  if (identityToken === undefined) {
    const [host = ""] = (from?.location ?? source.registry).split("/");
    const found = await keychain.credentialsFor(host, source.repository);
    if (found === undefined) return undefined;
    if (found.kind === "basic") return { username: found.username, password: found.password };
  }
  throw acrImportImpossible(
    source,
    target,
    `the registry can log in to ${source.registry} with user and password alone, and there is another kind of login`,
    "Give user and password with sourceAccess, or copy with CopyMethod.Process",
  );
}

/** What helps with answers that name the source or the rules of imports. */
function withRemedy(error: unknown, { source, target }: ImageToCopy): unknown {
  if (!(error instanceof AzureRequestError) || error.code !== "AZURE_REQUEST_FAILED") return error;
  const doing = `Importing ${formatReference(source)} to ${formatReference(target)}`;
  const remedy = `See that ${source.registry} can be reached from the internet, and give its login with sourceAccess; a source in Azure with network rules must let trusted services in. What cannot be imported is copied with CopyMethod.Process`;
  return new AzureRequestError(doing, error.status, error.answer, remedy, "ACR_IMPORT_FAILED");
}
