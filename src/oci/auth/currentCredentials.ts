import type { Credentials } from "./credentials";

/** Where credentials come from. `refresh` asks anew, after what came before was refused. */
export type CredentialSource = (repository: string | undefined, refresh: boolean) => Promise<Credentials | undefined>;

/** The credentials that are in use at one registry, for each repository: podman keeps them so. */
export class CurrentCredentials {
  readonly #found = new Map<string, Promise<Credentials | undefined>>();

  /** @param onFound is told what was found, before whoever asked */
  constructor(
    private readonly source: CredentialSource,
    private readonly onFound: (credentials: Credentials | undefined) => void,
  ) {}

  for(repository: string | undefined): Promise<Credentials | undefined> {
    return this.#found.get(repository ?? "") ?? this.ask(repository, false);
  }

  /**
   * Other credentials than those that were refused, where the source has some now. It is asked once, however many
   * requests were refused at the same time.
   */
  async renewed(
    repository: string | undefined,
    wasRefused: (credentials: Credentials | undefined) => boolean,
  ): Promise<Credentials | undefined> {
    const current = this.for(repository);
    if (!wasRefused(await current)) return current;
    return this.#found.get(repository ?? "") === current ? this.ask(repository, true) : this.for(repository);
  }

  private ask(repository: string | undefined, refresh: boolean): Promise<Credentials | undefined> {
    const key = repository ?? "";
    const found = this.source(repository, refresh).then((credentials) => {
      this.onFound(credentials);
      return credentials;
    });
    this.#found.set(key, found);
    // A failure is for those who wait now; the next request asks again.
    found.catch(() => this.#found.get(key) === found && this.#found.delete(key));
    return found;
  }
}
