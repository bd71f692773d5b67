import { isDigest } from "../../image/digest";
import type { RegistryKind } from "../profiles/registryProfiles";
import { textHeader, type RegistryAnswer } from "./registryRequest";
import type { RegistrySession } from "./session";

/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

/** Loaded with the first answer that may be a page. */
const answerWords = () => require("../transport/answerWords") as typeof import("../transport/answerWords");

const LESS_THAN = "<".charCodeAt(0);

/** Whether an answer is declared as a page for browsers. */
export const isPageType = (answer: Pick<RegistryAnswer, "headers">): boolean =>
  /^text\/html\b/i.test(textHeader(answer, "content-type") ?? "");

/** How often content with a wrong digest is read before it is called corrupt. */
export const CORRUPT_ATTEMPTS = 3;

/** How registries say that they know no HEAD; what else it may mean, GET tells. */
export const HEAD_REFUSED: readonly number[] = [400, 405, 406, 411, 501];

/** What all requests about a registry's repositories have in common. Repositories are as references name them. */
export abstract class RepositoryRequests {
  constructor(readonly session: RegistrySession) {}

  get registry(): string {
    return this.session.registry;
  }

  get kind(): RegistryKind {
    return this.session.endpoint.kind;
  }

  /** What is asked in place of the registry, as errors call it; undefined where it is asked itself. */
  get location(): string | undefined {
    const { place, registry } = this.session;
    return place === registry ? undefined : place;
  }

  /** The reference of a manifest here, for messages. */
  image(repository: string, name: string): string {
    return `${this.registry}/${repository}${isDigest(name) ? "@" : ":"}${name}`;
  }

  permission(repository: string, more: { push?: boolean; delete?: boolean; mountFrom?: string } = {}) {
    return {
      repository: this.path(repository),
      ...more,
      ...(more.mountFrom !== undefined && { mountFrom: this.path(more.mountFrom) }),
    };
  }

  /** A repository as the registry knows it: with the prefix of the endpoint. */
  path(repository: string): string {
    const prefix = this.session.endpoint.repositoryPrefix;
    return prefix ? `${prefix}/${repository}` : repository;
  }

  /**
   * A page for browsers is no answer of a registry.
   *
   * @throws {WebPageError}
   */
  protected refusePage(doing: string, answer: RegistryAnswer): void {
    if (!isPageType(answer) && answer.body[0] !== LESS_THAN) return;
    const page = answerWords().webPageIn(answer.body);
    if (page !== undefined) throw new (errors().WebPageError)(this.session.place, doing, answer.status, page);
  }

  /** Transfers again what came corrupt: a proxy or a connection may have done it. */
  protected async checked<T>(transfer: (isLast: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transfer(attempt === CORRUPT_ATTEMPTS);
      } catch (error) {
        if (!(error instanceof errors().DigestMismatchError) || attempt === CORRUPT_ATTEMPTS) throw error;
      }
    }
  }
}
