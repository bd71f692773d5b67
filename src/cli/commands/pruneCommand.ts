import { MirrorErrors } from "../../error";
import { localRegistries } from "../../machine/localRegistries";
import { deleteManifest } from "../../oci/registry/manifestDeletion";
import type { RegistryClient } from "../../oci/registry/client";
import type { UpstreamMapping, MirrorAddress } from "../../plan/layout";
import type { ReadCluster } from "../../prune/clusterUses";
import type { Decision } from "../../prune/decision";
import { deleteManifests, type PrunedRegistry } from "../../prune/deletion";
import { contextsOf, kubernetesReadCluster } from "../../prune/kubernetesReadCluster";
import { MirrorNames } from "../../prune/mirrorNames";
import { planPrune } from "../../prune/planPrune";
import { invalidPrune } from "../../prune/pruneErrors";
import { namedManifest, readTags } from "../../prune/readInventory";
import { accessOf, accessProblems, type AccessOptions } from "../copy/copyAccess";
import { layoutOf } from "../options/mirrorOption";
import type { Input } from "../options/passwordInput";
import { messageOf } from "../options/commandLineWords";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { OutputFormat } from "../output/outputFormat";
import type { Streams } from "../output/streams";
import { ecrDeletion } from "../prune/ecrDeletion";
import { readPruneLocks } from "../prune/pruneLocks";
import { pruneReport, pruneSummary } from "../prune/pruneReport";

/** The options of `chart-mirror prune`. */
export interface PruneOptions extends AccessOptions {
  readonly to: MirrorAddress;
  readonly keepHost?: boolean;
  readonly upstream?: readonly UpstreamMapping[];
  readonly lockFile: readonly string[];
  readonly ledger: readonly string[];
  readonly ownedRepositories?: boolean;
  readonly alias: readonly MirrorAddress[];
  readonly kubeconfig: readonly string[];
  readonly context: readonly string[];
  readonly allContexts?: boolean;
  readonly keepDays: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly listKept?: boolean;
  readonly output?: OutputFormat;
}

/**
 * `chart-mirror prune --to HOST[/PATH]`: shows what of the mirror nothing needs any more, and deletes it with `--yes`.
 *
 * @param now milliseconds since 1970
 */
export async function pruneCommand(
  options: PruneOptions,
  streams: Streams,
  input: Input,
  now: number = Date.now(),
): Promise<number> {
  MirrorErrors.throwIfAny("reading the options of prune", optionProblems(options));
  const { to, keepDays, ownedRepositories: ownsAll = false } = options;
  const warn = (message: string): void => streams.err(`warning: ${message}\n`);
  const registries = localRegistries(await accessOf(to, options, input), { warn });
  let isUntouched = true;
  try {
    const names = new MirrorNames(to, options.alias, layoutOf(options));
    const client = registries.client(to.host);
    const { locks, versions } = await readPruneLocks(options, names, now, warn);
    const clusters = await clustersOf(options);
    if (clusters.length === 0) warn("no cluster is looked at (--kubeconfig, --context, --all-contexts)");
    const plan = await planPrune({ client, names, locks, versions, ownsAll, clusters, now, keepDays, warn });
    // Clusters go on while the mirror is read.
    const { decision, inventory } = options.yes ? await plan.again() : plan;
    const { output = "table", listKept = false } = options;
    const reportOf = (what: Decision): string => formatReport(pruneReport(to.host, what, inventory, listKept), output);
    if (!options.yes) {
      streams.out(reportOf(decision));
      streams.err(`${pruneSummary(decision, "would go")}\n`);
      if (decision.removed.length > 0) streams.err("nothing was deleted: --yes deletes it\n");
      return EXIT.whole;
    }
    const known = new Map([...inventory].map(([repository, { tags }]) => [repository, tags]));
    const registry = prunedRegistry(client, to.host);
    const run = await deleteManifests(decision.removed, known, registry, ({ repository, digest }) => {
      isUntouched = false;
      streams.err(`deleted ${to.host}/${repository}@${digest}\n`);
    });
    // What was left is told below.
    const done = { ...decision, removed: run.deleted };
    streams.out(reportOf(done));
    streams.err(`${pruneSummary(done, "deleted")}\n`);
    for (const { repository, error, left } of run.failed)
      streams.err(
        `error: ${messageOf(error)}\n${left.length} manifests of ${to.host}/${repository} were not deleted: run the command again\n`,
      );
    return run.failed.length > 0 ? EXIT.failed : EXIT.whole;
  } catch (error) {
    if (isUntouched) streams.err("nothing was deleted\n");
    throw error;
  } finally {
    registries.close();
  }
}

function optionProblems(options: PruneOptions): Error[] {
  const { lockFile, ledger, ownedRepositories, kubeconfig, context, allContexts, yes, dryRun } = options;
  const problems = accessProblems(options);
  const hasCluster = kubeconfig.length + context.length > 0 || allContexts === true;
  if (lockFile.length === 0 && !hasCluster)
    problems.push(
      invalidPrune(
        "nothing says what of the mirror is needed",
        "Name the lock files that hold (--lock-file FILE) and the clusters that use the mirror (--context NAME, --all-contexts)",
      ),
    );
  if (lockFile.length + ledger.length === 0 && !ownedRepositories)
    problems.push(
      invalidPrune(
        "nothing says what of the mirror was brought by chart-mirror",
        "Name lock files (--lock-file, whose versions in git count; --ledger for older ones), or say that nobody else keeps images there (--owned-repositories)",
      ),
    );
  if (yes && dryRun) problems.push(invalidPrune("--yes and --dry-run exclude each other"));
  if (allContexts && context.length > 0) problems.push(invalidPrune("--context and --all-contexts exclude each other"));
  if (context.length > 0 && kubeconfig.length > 1)
    problems.push(invalidPrune("--context names one of a single kubeconfig", "Give one --kubeconfig"));
  return problems;
}

async function clustersOf({ kubeconfig, context, allContexts }: PruneOptions): Promise<ReadCluster[]> {
  const clusters: ReadCluster[] = [];
  if (kubeconfig.length + context.length === 0 && !allContexts) return clusters;
  for (const file of kubeconfig.length > 0 ? kubeconfig : [undefined])
    for (const name of context.length > 0 ? context : await contextsOf(file, allContexts === true))
      clusters.push(await kubernetesReadCluster({ kubeconfig: file, ...(name !== undefined && { context: name }) }));
  return clusters;
}

function prunedRegistry(client: RegistryClient, host: string): PrunedRegistry {
  const ofEcr = ecrDeletion(host);
  return {
    tags: (repository) => readTags(client, repository),
    named: (repository, tag) => namedManifest(client, repository, tag),
    delete: (repository, digest) =>
      ofEcr ? ofEcr(client.path(repository), digest) : deleteManifest(client, repository, digest),
  };
}
