import type { Digest } from "../../image/digest";
import { parseJson } from "../../json";
import { referrersTag, textHeader, type RegistryClient } from "./client";
import type { Descriptor } from "../manifest/descriptor";
import { followLocation } from "../transport/endpoint";
import { ImageNotFoundError } from "../errors/errors";
import { MAX_MANIFEST_BYTES, parseManifest } from "../manifest/manifest";
import { MediaType } from "../manifest/mediaTypes";
import type { RegistryAnswer } from "./session";

/** All tags of a repository, in the registry's order. */
export async function listTags(client: RegistryClient, repository: string): Promise<string[]> {
  const tags: string[] = [];
  const ask = (url: string | URL): Promise<RegistryAnswer> =>
    client.session.send(
      {
        doing: `listing the tags of ${client.registry}/${repository}`,
        method: "GET",
        url,
        permission: client.permission(repository),
        expect: [200, 404],
      },
      64 * 1024 * 1024,
    );
  for await (const { answer } of pages(client, `${client.path(repository)}/tags/list`, ask)) {
    if (answer.status === 404) throw new ImageNotFoundError(`${client.registry}/${repository}`);
    const page = parsedBody(answer.body) as { tags?: unknown } | undefined;
    if (Array.isArray(page?.tags)) tags.push(...page.tags.filter((tag): tag is string => typeof tag === "string"));
  }
  return tags;
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
  const ask = (url: string | URL, isFirst: boolean): Promise<RegistryAnswer> =>
    client.session.send(
      {
        doing: `listing the referrers of ${client.image(repository, subject)}`,
        method: "GET",
        url,
        permission: client.permission(repository),
        headers: { Accept: MediaType.OCI_INDEX },
        expect: isFirst ? [200, 400, 403, 404, 405, 501] : [200],
      },
      MAX_MANIFEST_BYTES,
    );
  for await (const { answer, isFirst } of pages(client, `${client.path(repository)}/referrers/${subject}`, ask)) {
    // Some registries answer 200 with a web page.
    if (isFirst && (answer.status !== 200 || !/json/.test(textHeader(answer, "content-type") ?? "")))
      return taggedReferrers(client, repository, subject);
    const index = parseManifest(answer.body, MediaType.OCI_INDEX, client.image(repository, subject));
    if (index.kind === "index") found.push(...index.manifests);
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

/** The answers of a list that comes in pages, each of which names the next, until one comes again. */
async function* pages(
  client: RegistryClient,
  first: string,
  ask: (url: string | URL, isFirst: boolean) => Promise<RegistryAnswer>,
): AsyncGenerator<{ readonly answer: RegistryAnswer; readonly isFirst: boolean }> {
  const seen = new Set<string>();
  for (let url: string | URL = first; ;) {
    const isFirst = seen.size === 0;
    const answer = await ask(url, isFirst);
    yield { answer, isFirst };
    const next = nextPage(answer);
    if (next === undefined) return;
    url = followLocation(client.session.endpoint, answer.url, next);
    if (seen.has(url.href)) return;
    seen.add(url.href);
  }
}

function parsedBody(body: Buffer): unknown {
  try {
    return parseJson(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The `rel="next"` of a `Link` header ({@link https://www.rfc-editor.org/rfc/rfc8288#section-3}). */
function nextPage(answer: RegistryAnswer): string | undefined {
  const link = textHeader(answer, "link");
  return link === undefined ? undefined : /<([^<>]*)>\s*;[^,<]*rel="?next"?/i.exec(link)?.[1];
}
