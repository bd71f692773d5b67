import type { Digest } from "../../image/digest";
import { tryParseReference } from "../../image/reference";
import { JsonTooLargeError, parseJson } from "../../json";
import { referrersTag, type RegistryClient } from "./client";
import { textHeader } from "./registryRequest";
import type { Descriptor } from "../manifest/descriptor";
import { followLocation } from "../transport/endpoint";
import { AccessDeniedError, ImageNotFoundError, RegistryLimitError, RegistryResponseError } from "../errors/errors";
import { MAX_DESCRIPTORS, MAX_MANIFEST_BYTES, parseManifest } from "../manifest/manifest";
import { MediaType } from "../manifest/mediaTypes";
import type { RegistryAnswer } from "./registryRequest";

/** What a list may be. */
interface ListLimits {
  readonly pages: number;
  /** Bytes of one page. */
  readonly pageBytes: number;
  /** Bytes of all pages together. */
  readonly bytes: number;
  /** Milliseconds from the first request to the last answer, the pauses that the registry asks for among them. */
  readonly deadlineMs: number;
}

const MIB = 1024 * 1024;
/** Registries give 50 tags and more to a page; the largest repositories have some 100,000 tags. */
const TAG_LIST: ListLimits = { pages: 5000, pageBytes: 16 * MIB, bytes: 64 * MIB, deadlineMs: 30 * 60_000 };
const REFERRERS_LIST: ListLimits = {
  pages: 100,
  pageBytes: MAX_MANIFEST_BYTES,
  bytes: 16 * MIB,
  deadlineMs: 10 * 60_000,
};

/** Tags of one repository. */
const MAX_TAGS = 2_000_000;

/**
 * All tags of a repository, in the registry's order.
 *
 * @param whole whether pages that lead back to one that was read are an error: some registries end so, others cannot go on
 * @throws {RegistryLimitError} for a list without end
 */
export async function listTags(client: RegistryClient, repository: string, whole = false): Promise<string[]> {
  const tags: string[] = [];
  const doing = `listing the tags of ${client.registry}/${repository}`;
  const ask = (url: string | URL): Promise<RegistryAnswer> =>
    client.session.send(
      {
        doing,
        method: "GET",
        url,
        permission: client.permission(repository),
        expect: [200, 404],
      },
      TAG_LIST.pageBytes,
    );
  const list = { first: `${client.path(repository)}/tags/list`, doing, limits: TAG_LIST, whole };
  for await (const { answer } of pages(client, list, ask)) {
    if (answer.status === 404)
      throw new ImageNotFoundError(`${client.registry}/${repository}`, undefined, client.location);
    const page = parsedBody(answer.body, (reason) => new RegistryLimitError(client.session.place, doing, reason));
    const listed = (page as { tags?: unknown } | null | undefined)?.tags;
    if (page === undefined || (listed === undefined && client.session.errorsIn(answer).text !== ""))
      throw noList(client, doing, answer);
    if (!Array.isArray(listed)) continue;
    if (tags.length + listed.length > MAX_TAGS)
      throw new RegistryLimitError(client.session.place, doing, `more than ${MAX_TAGS} tags`);
    // One by one: as arguments of a single call they would be more than the stack takes.
    for (const tag of listed) if (typeof tag === "string") tags.push(tag);
  }
  return tags;
}

/**
 * The repositories of a registry, as references name them, in its order; undefined where it does not tell, as hosted ones do.
 *
 * @throws {RegistryLimitError} for a list without end
 */
export async function listRepositories(client: RegistryClient): Promise<string[] | undefined> {
  try {
    return await repositoriesListed(client);
  } catch (error) {
    // Few logins may list what belongs to everyone.
    if (error instanceof AccessDeniedError) return undefined;
    throw error;
  }
}

async function repositoriesListed(client: RegistryClient): Promise<string[] | undefined> {
  const found: string[] = [];
  const doing = `listing the repositories of ${client.registry}`;
  const ask = (url: string | URL, isFirst: boolean): Promise<RegistryAnswer> =>
    client.session.send(
      { doing, method: "GET", url, permission: {}, expect: isFirst ? [200, 404, 405, 501] : [200] },
      TAG_LIST.pageBytes,
    );
  const prefix = client.path("");
  for await (const { answer, isFirst } of pages(client, { first: "_catalog?n=1000", doing, limits: TAG_LIST }, ask)) {
    if (isFirst && answer.status !== 200) return undefined;
    const page = parsedBody(answer.body, (reason) => new RegistryLimitError(client.session.place, doing, reason));
    const listed = (page as { repositories?: unknown } | null | undefined)?.repositories;
    if (!Array.isArray(listed) && listed !== null) throw noList(client, doing, answer);
    for (const name of listed ?? [])
      if (typeof name === "string" && name.startsWith(prefix) && isRepositoryName(name))
        found.push(name.slice(prefix.length));
  }
  return found;
}

/** Whatever else a registry lists is no repository: `a/../b` would be another one's place in a URL. */
function isRepositoryName(name: string): boolean {
  const { repository, tag, digest } = tryParseReference(`registry.example/${name}`) ?? {};
  return repository === name && tag === undefined && digest === undefined;
}

/**
 * The manifests that refer to a subject, by the referrers API, else by the fallback tag
 * ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}).
 */
export async function listReferrers(
  client: RegistryClient,
  repository: string,
  subject: Digest,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  const doing = `listing the referrers of ${client.image(repository, subject)}`;
  const ask = (url: string | URL, isFirst: boolean): Promise<RegistryAnswer> =>
    client.session.send(
      {
        doing,
        method: "GET",
        url,
        permission: client.permission(repository),
        headers: { Accept: MediaType.OCI_INDEX },
        expect: isFirst ? [200, 400, 403, 404, 405, 501] : [200],
      },
      REFERRERS_LIST.pageBytes,
    );
  const list = { first: `${client.path(repository)}/referrers/${subject}`, doing, limits: REFERRERS_LIST };
  for await (const { answer, isFirst } of pages(client, list, ask)) {
    // Some registries answer 200 with a web page.
    if (isFirst && (answer.status !== 200 || !/json/.test(textHeader(answer, "content-type") ?? "")))
      return taggedReferrers(client, repository, subject);
    const index = parseManifest(answer.body, MediaType.OCI_INDEX, client.image(repository, subject));
    if (index.kind === "index") for (const manifest of index.manifests) found.push(manifest);
    if (found.length > MAX_DESCRIPTORS)
      throw new RegistryLimitError(client.session.place, doing, `more than ${MAX_DESCRIPTORS} referrers`);
  }
  return found;
}

async function taggedReferrers(
  client: RegistryClient,
  repository: string,
  subject: Digest,
): Promise<readonly Descriptor[]> {
  const fallback = await client.manifestIfAny(repository, referrersTag(subject));
  // GitLab can resolve the tag to the subject itself.
  if (fallback?.manifest.kind !== "index" || fallback.digest === subject) return [];
  return fallback.manifest.manifests;
}

/**
 * The answers of a list that comes in pages, each of which names the next, until one comes again.
 *
 * @throws {RegistryLimitError}
 */
async function* pages(
  client: RegistryClient,
  {
    first,
    doing,
    limits,
    whole = false,
  }: { readonly first: string; readonly doing: string; readonly limits: ListLimits; readonly whole?: boolean },
  ask: (url: string | URL, isFirst: boolean) => Promise<RegistryAnswer>,
): AsyncGenerator<{ readonly answer: RegistryAnswer; readonly isFirst: boolean }> {
  const { clock, place } = client.session;
  const tooMuch = (limit: string): RegistryLimitError => new RegistryLimitError(place, doing, limit);
  const deadline = clock.now() + limits.deadlineMs;
  let bytes = 0;
  const seen = new Set<string>();
  for (let url: string | URL = first; ;) {
    const isFirst = seen.size === 0;
    const answer = await ask(url, isFirst);
    if ((bytes += answer.body.length) > limits.bytes) throw tooMuch(`more than ${limits.bytes} bytes`);
    yield { answer, isFirst };
    const next = nextPage(answer);
    if (next === undefined) return;
    url = followLocation(client.session.endpoint, answer.url, next);
    if (seen.has(url.href)) {
      if (whole) throw tooMuch("a page leads back to one before it, so that the list may not be whole");
      return;
    }
    seen.add(url.href);
    if (seen.size >= limits.pages) throw tooMuch(`more than ${limits.pages} pages`);
    if (clock.now() > deadline) throw tooMuch(`it is not over after ${limits.deadlineMs / 60_000} minutes`);
  }
}

/** A page of a login or a proxy is no list without tags. */
function noList({ session }: RegistryClient, doing: string, answer: RegistryAnswer): RegistryResponseError {
  const { text } = session.errorsIn(answer);
  return new RegistryResponseError(
    session.place,
    doing,
    answer.status,
    [],
    `it answered no list${text && `, but ${text}`}`,
  );
}

/** @param tooLarge the error of one that holds too much, which is not to be taken for one that holds nothing */
function parsedBody(body: Buffer, tooLarge: (reason: string) => Error): unknown {
  try {
    return parseJson(body.toString("utf8"));
  } catch (error) {
    if (error instanceof JsonTooLargeError) throw tooLarge(error.message);
    return undefined;
  }
}

/** The `rel="next"` of a `Link` header ({@link https://www.rfc-editor.org/rfc/rfc8288#section-3}). */
function nextPage(answer: RegistryAnswer): string | undefined {
  const link = textHeader(answer, "link");
  return link === undefined ? undefined : /<([^<>]*)>\s*;[^,<]*rel="?next"?/i.exec(link)?.[1];
}
