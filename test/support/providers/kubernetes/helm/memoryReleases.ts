import { dump } from "js-yaml";
import { isMap, plain, type PropertyMap } from "../../protocol/propertyValue";
import type { KubernetesObject } from "../cluster";
import type { Helm } from "./helm";
import { ReleaseFailed, type DeployedRelease, type ReleaseRequest, type Releases } from "./helmReleases";
import { kindOfObject } from "../objects/kinds";
import { deletedOnSuccess, hookEvents, parseManifests } from "../objects/manifests";
import { applyObject, deleteObject, findObject, isServed } from "../memoryCluster";
import type { ClusterState, MemoryState } from "../memoryState";

/**
 * Releases on a cluster in memory: charts are rendered by the real helm, so their errors are real, and the objects are
 * stored. Hooks count as done as soon as they are stored.
 */
export function memoryReleases(helm: Helm, state: MemoryState): Releases {
  const find = (namespace: string, name: string): DeployedRelease | undefined =>
    state.read().releases.find((release) => release.namespace === namespace && release.name === name);

  const deploy = async (request: ReleaseRequest, before: DeployedRelease | undefined): Promise<DeployedRelease> => {
    const values = upgradedValues(request, before);
    const event = before === undefined ? "install" : "upgrade";
    const rendered = parseManifests(await render(helm, request, values, event));
    const crds = request.skipCrds || before ? [] : parseManifests(await helm(["show", "crds", request.chart.path]));
    const hooks = rendered.filter((object) => hookEvents(object).length > 0);
    const objects = rendered.filter((object) => !hooks.includes(object)).map((object) => owned(object, request));
    const dueHooks = hooks.filter(
      (object) =>
        !runsNoHooks(request, event) &&
        hookEvents(object).some((due) => [`pre-${event}`, `post-${event}`].includes(due)),
    );
    const { name: chart, version, appVersion = "" } = request.chart.metadata;
    const release = (status: string): DeployedRelease => ({
      name: request.name,
      namespace: request.namespace,
      revision: (before?.revision ?? 0) + 1,
      status,
      chart: { name: chart, version, appVersion: String(appVersion) },
      values,
      manifest: objects.map((object) => `---\n${dump(object)}`).join(""),
    });

    await state.update((cluster) => {
      if (request.createNamespace && before === undefined) createNamespace(cluster, request.namespace);
      for (const crd of crds) applyObject(cluster, crd, manager);
      refuseForeignObjects(cluster, objects, request);
      const place = (object: KubernetesObject): void =>
        void applyObject(cluster, inNamespace(object, request), manager);
      objects.forEach(place);
      dueHooks.filter((hook) => !deletedOnSuccess(hook)).forEach(place);
      const kept = new Set(objects.map((object) => identity(object, request.namespace)));
      for (const old of parseManifests(before?.manifest ?? ""))
        if (!kept.has(identity(old, request.namespace))) remove(cluster, old, request.namespace);
      store(cluster, release("deployed"));
    });
    const late = state
      .read()
      .neverReady.filter((name) => objects.some((object) => name === `${object.kind}/${object.metadata.name}`));
    if (!request.wait || late.length === 0) return release("deployed");
    const failure = "context deadline exceeded";
    if (request.atomic) {
      await state.update((cluster) => undo(cluster, objects, request, before));
      const outcome = before === undefined ? "uninstalled" : "rolled back";
      const message = `release ${request.name} failed, and has been ${outcome} due to atomic being set: ${failure}`;
      throw before === undefined ? new Error(message) : new ReleaseFailed(message, release("failed"));
    }
    await state.update((cluster) => store(cluster, release("failed")));
    throw new ReleaseFailed(failure, release("failed"));
  };

  return {
    find: (namespace, name) => Promise.resolve(find(namespace, name)),
    install(request) {
      if (find(request.namespace, request.name) !== undefined)
        return Promise.reject(new Error("cannot re-use a name that is still in use"));
      return deploy(request, undefined);
    },
    upgrade(request) {
      const before = find(request.namespace, request.name);
      if (before === undefined)
        return Promise.reject(new Error(`${JSON.stringify(request.name)} has no deployed releases`));
      return deploy(request, before);
    },
    async uninstall(namespace, name) {
      const release = find(namespace, name);
      if (release === undefined) throw new Error(`uninstall: Release not loaded: ${name}: release: not found`);
      await state.update((cluster) => {
        for (const object of parseManifests(release.manifest)) remove(cluster, object, namespace);
        cluster.releases = cluster.releases.filter((other) => other.namespace !== namespace || other.name !== name);
      });
    },
  };
}

const manager = { fieldManager: "helm", force: true };

function render(helm: Helm, request: ReleaseRequest, values: PropertyMap, event: string): Promise<string> {
  const { name, namespace, chart, postRenderer } = request;
  const args = [
    ...["template", name, chart.path, "--namespace", namespace, "--values", "-", "--skip-tests"],
    ...(event === "upgrade" ? ["--is-upgrade"] : []),
    ...(postRenderer === "" ? [] : ["--post-renderer", postRenderer]),
    ...(runsNoHooks(request, event) ? ["--no-hooks"] : []),
  ];
  return helm(args, JSON.stringify(plain(values)));
}

/** The provider has an argument for either (helm_release.go, helmCreate and helmUpdate). */
function runsNoHooks({ disableHooks, disableUpgradeHooks }: ReleaseRequest, event: string): boolean {
  return event === "install" ? disableHooks : disableUpgradeHooks;
}

/** Which values an upgrade has: helm reuses the old ones when it is told to, and when it is given none. */
function upgradedValues(request: ReleaseRequest, before: DeployedRelease | undefined): PropertyMap {
  const { values, resetValues, reuseValues } = request;
  if (before === undefined || resetValues) return values;
  if (reuseValues) return mergeValues(before.values, values);
  return Object.keys(values).length === 0 ? before.values : values;
}

/** Helm's coalescing: maps are merged, everything else is replaced. */
function mergeValues(base: PropertyMap, top: PropertyMap): PropertyMap {
  const merged: PropertyMap = { ...base };
  for (const [key, value] of Object.entries(top)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? mergeValues(below, value) : value;
  }
  return merged;
}

/** As helm marks what belongs to a release. */
function owned(object: KubernetesObject, { name, namespace }: ReleaseRequest): KubernetesObject {
  const { labels, annotations } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...(isMap(labels) ? labels : {}), "app.kubernetes.io/managed-by": "Helm" },
      annotations: {
        ...(isMap(annotations) ? annotations : {}),
        "meta.helm.sh/release-name": name,
        "meta.helm.sh/release-namespace": namespace,
      },
    },
  };
}

/** Helm touches no object that exists already and does not belong to the release, and none of an unknown kind. */
function refuseForeignObjects(
  cluster: ClusterState,
  objects: readonly KubernetesObject[],
  request: ReleaseRequest,
): void {
  for (const object of objects) {
    const kind = kindOfObject(object);
    const { name } = object.metadata;
    if (!isServed(cluster, kind))
      throw new Error(
        `unable to build kubernetes objects from release manifest: resource mapping not found for name: "${name}" namespace: "${object.metadata.namespace ?? ""}" from "": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
      );
    const existing = findObject(cluster, { kind, ...inNamespace(object, request).metadata });
    const annotations = existing?.object.metadata["annotations"];
    const owner = isMap(annotations) ? annotations["meta.helm.sh/release-name"] : undefined;
    if (existing !== undefined && owner !== request.name && !request.takeOwnership)
      throw new Error(
        `Unable to continue with ${request.chart.metadata.name}: ${object.kind} "${name}" in namespace "${request.namespace}" exists and cannot be imported into the current release: invalid ownership metadata`,
      );
  }
}

function inNamespace(object: KubernetesObject, { namespace }: { readonly namespace: string }): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } };
}

function createNamespace(cluster: ClusterState, name: string): void {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  if (findObject(cluster, { kind: kindOfObject(namespace), name }) === undefined)
    applyObject(cluster, namespace, manager);
}

function identity(object: KubernetesObject, namespace: string): string {
  const { group, kind } = kindOfObject(object);
  return [group, kind, object.metadata.namespace ?? namespace, object.metadata.name].join("/");
}

function remove(cluster: ClusterState, object: KubernetesObject, namespace: string): void {
  const reference = { kind: kindOfObject(object), ...inNamespace(object, { namespace }).metadata };
  if (findObject(cluster, reference) !== undefined) deleteObject(cluster, reference);
}

function store(cluster: ClusterState, release: DeployedRelease): void {
  const others = cluster.releases.filter(
    ({ namespace, name }) => namespace !== release.namespace || name !== release.name,
  );
  cluster.releases = [...others, release];
}

/** What `--atomic` does after a failure. */
function undo(
  cluster: ClusterState,
  objects: readonly KubernetesObject[],
  request: ReleaseRequest,
  before: DeployedRelease | undefined,
): void {
  for (const object of objects) remove(cluster, object, request.namespace);
  cluster.releases = cluster.releases.filter(
    ({ namespace, name }) => namespace !== request.namespace || name !== request.name,
  );
  if (before === undefined) return;
  for (const object of parseManifests(before.manifest)) applyObject(cluster, inNamespace(object, request), manager);
  store(cluster, { ...before, revision: before.revision + 2 });
}
