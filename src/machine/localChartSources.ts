import { readFile } from "node:fs/promises";
import { newestOf } from "../chart/source/chartRepository";
import { helmHome } from "../chart/source/helmRepositories";
import type { RepositoryOptions } from "../chart/source/repositoryOptions";
import type { ChartSourceDeps } from "../chart/source/source";
import { ChartNotFoundError, ChartVersionNotFoundError } from "../chart/source/sourceErrors";
import { MirrorError } from "../error";
import { canonicalHost, parseReference, type ImageReference } from "../image/reference";
import { ImageNotFoundError, TagNotFoundError } from "../oci/errors/errors";
import type { RegistryAccess } from "../oci/transport/access";
import type { Registries } from "../oci/registries";
import { localHttpGet } from "./localHttpGet";
import { localRegistries } from "./localRegistries";

const CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/** An OCI artifact that holds no Helm chart. `code` is `NOT_A_CHART`. */
export function notAChartArtifact(reference: string): MirrorError {
  return new MirrorError(
    "NOT_A_CHART",
    `Reading chart oci://${reference} failed: it is no Helm chart (no layer has the type ${CHART_LAYER})`,
    "Check the reference: charts and images may have the same names",
  );
}

/**
 * Charts as this machine reaches them: its folders, chart repositories, OCI registries with its logins, and the
 * repositories that its Helm knows.
 *
 * @param access how to reach registries that hold charts, where a chart's own repository options do not say
 */
export function localChartSources(access: readonly RegistryAccess[]): ChartSourceDeps {
  const { env } = process;
  return {
    get: localHttpGet(env, {
      internalRedirects: (host) =>
        access.some((entry) => entry.internalRedirects === true && canonicalHost(entry.host) === canonicalHost(host)),
    }),
    helm: helmHome(env, process.platform),
    oci: {
      tags: (repository, options) =>
        withRegistry(repository, options, access, (registries, reference) => tagsOf(repository, registries, reference)),
      pull: (repository, tagOrDigest, options) =>
        withRegistry(
          `${repository}${tagOrDigest.includes(":") ? "@" : ":"}${tagOrDigest}`,
          options,
          access,
          async (registries, reference) => {
            const { layers } = await registries.pullArtifact(reference).catch(async (error: unknown) => {
              throw await noSuchVersion(error, repository, tagOrDigest, () =>
                tagsOf(repository, registries, reference),
              );
            });
            const layer = layers.find(({ descriptor }) => descriptor.mediaType === CHART_LAYER);
            if (!layer) throw notAChartArtifact(`${repository}:${tagOrDigest}`);
            return layer.bytes;
          },
        ),
    },
  };
}

/** @throws {ChartNotFoundError} */
function tagsOf(repository: string, registries: Registries, reference: ImageReference): Promise<string[]> {
  return registries.listTags(reference).catch((error: unknown) => {
    throw isMissing(error) ? chartNotInRegistry(repository) : error;
  });
}

/** What a registry says of a missing image, of a chart: which versions there are, or that it has none of that name. */
async function noSuchVersion(
  error: unknown,
  repository: string,
  tagOrDigest: string,
  tags: () => Promise<readonly string[]>,
): Promise<unknown> {
  if (!isMissing(error)) return error;
  try {
    // Tags of other things stand among them, and a tag has no "+".
    const newest = newestOf(
      (await tags()).map((tag) => tag.replaceAll("_", "+")),
      NEWEST,
    );
    return new ChartVersionNotFoundError(`oci://${repository}`, tagOrDigest, "its registry", newest);
  } catch (failure) {
    return failure instanceof ChartNotFoundError ? failure : error;
  }
}

const NEWEST = 5;

const isMissing = (error: unknown): boolean => error instanceof ImageNotFoundError || error instanceof TagNotFoundError;

function chartNotInRegistry(repository: string): ChartNotFoundError {
  return new ChartNotFoundError(
    `oci://${repository}`,
    "its registry has nothing of that name",
    [],
    "Check its name and registry, and that this login may see it",
  );
}

async function withRegistry<T>(
  text: string,
  options: RepositoryOptions,
  access: readonly RegistryAccess[],
  use: (registries: Registries, reference: ImageReference) => Promise<T>,
): Promise<T> {
  const reference = parseReference(text);
  const own = await ownAccess(reference.registry, options, access);
  const registries = localRegistries([...access.filter(({ host }) => canonicalHost(host) !== own.host), own]);
  try {
    return await use(registries, reference);
  } finally {
    registries.close();
  }
}

async function ownAccess(
  host: string,
  { username, password, caFile, certFile, keyFile, plainHttp }: RepositoryOptions,
  access: readonly RegistryAccess[],
): Promise<RegistryAccess> {
  const certificate = certFile !== undefined && keyFile !== undefined;
  const layouts = access.find((entry) => entry.host === "*")?.layouts;
  return {
    // A bundle stands for every host, also for those that dependencies of charts come from.
    ...(access.find((entry) => canonicalHost(entry.host) === host) ?? { layouts }),
    host,
    ...(username !== undefined && password !== undefined && { username, password }),
    ...(plainHttp !== undefined && { plainHttp }),
    ...(caFile !== undefined && { caCertificates: [await readFile(caFile, "utf8")] }),
    ...(certificate && {
      clientCertificate: { cert: await readFile(certFile, "utf8"), key: await readFile(keyFile, "utf8") },
    }),
  };
}
