import { registryAccess, type AccessInput } from "../../copy/imageCopyInputs";
import {
  AccessDeniedError,
  CertificateUnreadableError,
  CredentialsError,
  InvalidAccessError,
  LoginRefusedError,
  LoginRequiredError,
  PlainHttpError,
  RegistryUnreachableError,
  StalledError,
  TlsExpectedError,
  TlsUntrustedError,
  TokenServiceUntrustedError,
  TransferFailedError,
} from "../../oci/errors/errors";
import { parseReference } from "../../image/reference";
import { Registries } from "../../oci/registries";
import { apiWelcome, tryPush, type ApiWelcome } from "../../oci/registry/pushTrial";
import { PATIENCE, previewRegistries } from "../previewRegistries";

/** What trying something at a registry has shown. */
export type TrialOutcome =
  | { readonly kind: "good"; readonly digest?: string }
  /** The image is not there, or the registry hides it from this login, or says of what is not there that it is forbidden. */
  | { readonly kind: "missing"; readonly error?: Error }
  /** The login may not do this. */
  | { readonly kind: "denied"; readonly error: Error }
  /** It would be the same for every image. */
  | { readonly kind: "general"; readonly error: Error }
  /** Something else, which may pass or be of no account. */
  | { readonly kind: "undecided"; readonly error: Error };

const CONNECTION = [
  RegistryUnreachableError,
  StalledError,
  TransferFailedError,
  TlsUntrustedError,
  TlsExpectedError,
  PlainHttpError,
  TokenServiceUntrustedError,
  CertificateUnreadableError,
  CredentialsError,
  InvalidAccessError,
];

/** Whether an error is about the way to a registry, and not about its login. */
export function isConnectionError(error: unknown): boolean {
  return CONNECTION.some((type) => error instanceof type);
}

/** Whether an error says that a registry does not answer this machine, though it may answer others. */
export function isOutOfReach(error: unknown): boolean {
  return [RegistryUnreachableError, StalledError, TransferFailedError].some((type) => error instanceof type);
}

/** One login at the mirror, which a preview tries without leaving anything there. */
export class MirrorLogin {
  readonly #access: AccessInput;
  readonly #registries: Registries;
  #isGood: Promise<boolean> | undefined;
  #welcome: Promise<ApiWelcome> | undefined;

  constructor(access: AccessInput) {
    this.#access = access;
    this.#registries = previewRegistries([access]);
  }

  get host(): string {
    return this.#access.host;
  }

  get user(): string | undefined {
    return this.#access.username;
  }

  /** Whether it is the same login at the same place. */
  isLike(access: AccessInput): boolean {
    const { username, password } = this.#access;
    return this.isAt(access) && username === access.username && password === access.password;
  }

  /** Whether it is a login at the same place. */
  isAt({ host, location, plainHttp = false }: AccessInput): boolean {
    const own = this.#access;
    return own.host === host && own.location === location && (own.plainHttp ?? false) === plainHttp;
  }

  close(): void {
    this.#registries.close();
  }

  /** Asks for an image. */
  async look(target: string): Promise<TrialOutcome> {
    try {
      const found = await this.#registries.head(parseReference(target));
      return found ? { kind: "good", digest: found.digest } : { kind: "missing" };
    } catch (error) {
      if (error instanceof AccessDeniedError) return { kind: "missing", error };
      // A password in each request is refused with the same status as a repository that is not there (Basic).
      if (error instanceof LoginRefusedError && (await this.isGood())) return { kind: "missing", error };
      return judged(error as Error);
    }
  }

  /** Tries to push to the repository of an image. */
  async push(target: string): Promise<TrialOutcome> {
    const { registry, repository } = parseReference(target);
    const client = this.#registries.client(registry);
    try {
      await tryPush(client, repository);
      return { kind: "good" };
    } catch (error) {
      if (error instanceof AccessDeniedError) return { kind: "denied", error };
      if (error instanceof LoginRefusedError && (await this.isGood()))
        return {
          kind: "denied",
          error: new AccessDeniedError(
            client.session.place,
            this.user,
            `pushing to ${registry}/${repository}`,
            undefined,
            {
              kind: client.kind,
              repository,
              push: true,
            },
          ),
        };
      return judged(error as Error);
    }
  }

  /** Whether the registry takes the login at the root of its API. */
  isGood(): Promise<boolean> {
    return (this.#isGood ??= this.enter().then(
      () => true,
      () => false,
    ));
  }

  /** Logs in at the root of the API. @throws the registry's errors */
  async enter(): Promise<void> {
    const { session } = this.#registries.client(this.host);
    await session.send({
      doing: `logging in to ${session.registry}`,
      method: "GET",
      url: "",
      permission: {},
      expect: [200, 404, 405],
    });
  }

  /** Whether the repository of an image is there, as far as this login may know. */
  async hasRepository(target: string): Promise<boolean> {
    try {
      await this.#registries.listTags(parseReference(target));
      return true;
    } catch {
      return false;
    }
  }

  /** Whether asking for the right to push would make a repository. */
  async tokensMakeRepositories(): Promise<boolean> {
    this.#welcome ??= this.welcome();
    return (await this.#welcome).tokensMakeRepositories;
  }

  private async welcome(): Promise<ApiWelcome> {
    const { host, location, plainHttp, caCertificates, clientCertificate } = registryAccess(this.#access);
    const reach = { host, location, plainHttp, caCertificates, clientCertificate };
    const registries = new Registries({ access: [reach], environment: process.env, retry: PATIENCE });
    try {
      return await apiWelcome(registries.client(host));
    } catch {
      return { tokensMakeRepositories: false };
    } finally {
      registries.close();
    }
  }
}

function judged(error: Error): TrialOutcome {
  const isGeneral =
    error instanceof LoginRefusedError || error instanceof LoginRequiredError || isConnectionError(error);
  return { kind: isGeneral ? "general" : "undecided", error };
}
