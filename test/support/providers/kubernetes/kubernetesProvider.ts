import { isDeepStrictEqual } from "node:util";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unknown, isMap, plain, stripSecrets, type PropertyMap, type PropertyValue } from "../protocol/propertyValue";
import type {
  Checked,
  Constructed,
  ConstructRequest,
  Created,
  Diff,
  DiffRequest,
  Host,
  Invoked,
  ReadResult,
  Resource,
  ResourceProvider,
  UpdateRequest,
} from "../protocol/resourceProvider";
import type { ResourceMonitor } from "../protocol/resourceMonitor";
import { ApiServer } from "./apiServer";
import type { Cluster } from "./cluster";
import { chartType, constructChart } from "./helm/helmChart";
import { helmAt, type Helm } from "./helm/helm";
import { helmReleases } from "./helm/helmReleases";
import { helmTemplate, type Capabilities } from "./helm/helmTemplate";
import {
  activeCluster,
  ambientKubeconfig,
  connectionOf,
  namespaceOf,
  readKubeconfig,
  type KubeconfigSource,
} from "./kubeconfig";
import { isNamespaced, kindOfObject, type GroupVersionKind } from "./objects/kinds";
import { MemoryCluster } from "./memoryCluster";
import { memoryReleases } from "./helm/memoryReleases";
import { MemoryState } from "./memoryState";
import { PlainObjectResource } from "./objects/plainObject";
import { providerSettings, type ProviderSettings } from "./providerSettings";
import { RenderedObjectResource, type ObjectResource } from "./objects/renderedObject";
import { ReleaseResource, type ReleaseTarget } from "./helm/release";
import { releaseType } from "./helm/releaseForm";
import { providerSchema, providerVersion, schemaFailures } from "./objects/schema";

/** What the engine adds to a provider's own inputs. */
const engineInputs = new Set(["version", "pluginDownloadURL", "pluginChecksums", "parameterization", "__internal"]);

/** The parts of the provider that need its configuration. */
interface Configured {
  readonly helm: Helm;
  readonly host: Host;
  readonly defaultNamespace: string;
  readonly cluster: Cluster | { readonly unreachable: string };
  readonly objects: ObjectResource;
  readonly releases: ReleaseResource;
}

interface Connected {
  readonly settings: ProviderSettings;
  readonly cluster: Cluster | { readonly unreachable: string };
  readonly helm: Helm;
  readonly releases: ReleaseTarget;
}

/** The double of pulumi-kubernetes: checks and compares as it does, and deploys with the real helm. */
export class KubernetesProvider implements ResourceProvider {
  readonly version = providerVersion;
  private state: Configured | undefined;
  private readonly canceler = new AbortController();

  /**
   * @param helmExecutable the real helm
   * @param memory the file of a cluster in memory; without it, clusters are reached through the kubeconfig
   */
  constructor(
    private readonly helmExecutable: string,
    private readonly memory: string | undefined,
  ) {}

  checkConfig(news: PropertyMap): Promise<Checked> {
    const own = Object.fromEntries(Object.entries(news).filter(([key]) => !engineInputs.has(key)));
    const texts = new Map([...providerSchema()].map(([key, input]) => [key, { ...input, type: "any" as const }]));
    return Promise.resolve({ inputs: news, failures: schemaFailures(texts, own) });
  }

  diffConfig(olds: PropertyMap, news: PropertyMap): Promise<Diff> {
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const diffs = keys.filter(
      (key) => !isDeepStrictEqual(stripSecrets(olds[key] ?? null), stripSecrets(news[key] ?? null)),
    );
    if (diffs.length === 0) return Promise.resolve({ changes: false });
    const deciding = ["kubeconfig", "context", "cluster"];
    const unknown = deciding.filter((key) => stripSecrets(news[key] ?? null) instanceof Unknown);
    if (unknown.length > 0) return Promise.resolve({ changes: true, diffs: unknown, replaces: unknown });
    const [before, after] = [activeClusterOf(olds), activeClusterOf(news)];
    const moved = before !== undefined && after !== undefined && !isDeepStrictEqual(before, after);
    const identified =
      diffs.includes("clusterIdentifier") && Boolean(olds["clusterIdentifier"] && news["clusterIdentifier"]);
    const trusted = !diffs.includes("clusterIdentifier") && Boolean(news["clusterIdentifier"]);
    const replaces = [
      ...(moved && !trusted ? deciding.filter((key) => diffs.includes(key)) : []),
      ...(identified ? ["clusterIdentifier"] : []),
    ];
    return Promise.resolve({ changes: true, diffs, replaces });
  }

  async configure(config: Readonly<Record<string, string>>, host: Host): Promise<void> {
    const { settings, cluster, helm, releases } = await this.connect(providerSettings(config, process.env));
    const objects = new PlainObjectResource(cluster, settings);
    const { renderYamlToDirectory: directory } = settings;
    this.state = {
      helm,
      host,
      defaultNamespace: settings.defaultNamespace,
      cluster,
      objects: directory === "" ? objects : new RenderedObjectResource(objects, directory, host),
      releases: new ReleaseResource(helm, releases, settings.defaultNamespace, host),
    };
  }

  async invoke(token: string, args: PropertyMap): Promise<Invoked> {
    if (token !== "kubernetes:helm:template") throw new Error(`unknown Invoke type ${JSON.stringify(token)}`);
    const { helm } = this.configured;
    const jsonOpts = plain(args["jsonOpts"] ?? null);
    if (typeof jsonOpts !== "string") throw new Error("missing required field 'jsonOpts' of type string");
    try {
      const result = await helmTemplate(
        helm,
        jsonOpts,
        () => this.capabilities(),
        (kind) => this.isNamespaced(kind),
      );
      return { result: { result } };
    } catch (error) {
      throw new Error(`failed to generate YAML for specified Helm chart: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  check(resource: Resource, olds: PropertyMap, news: PropertyMap): Promise<Checked> {
    const { releases, objects } = this.configured;
    return isRelease(resource) ? releases.check(resource, olds, news) : objects.check(resource, olds, news);
  }

  diff(resource: Resource, request: DiffRequest): Promise<Diff> {
    const { releases, objects } = this.configured;
    return isRelease(resource) ? Promise.resolve(releases.diff(request)) : objects.diff(resource, request);
  }

  create(resource: Resource, inputs: PropertyMap, preview: boolean): Promise<Created> {
    const { releases, objects } = this.configured;
    return isRelease(resource) ? releases.create(resource, inputs, preview) : objects.create(resource, inputs, preview);
  }

  update(resource: Resource, request: UpdateRequest): Promise<PropertyMap> {
    const { releases, objects } = this.configured;
    return isRelease(resource) ? releases.update(request) : objects.update(resource, request);
  }

  read(resource: Resource, id: string, state: PropertyMap, inputs: PropertyMap): Promise<ReadResult | undefined> {
    const { releases, objects } = this.configured;
    return isRelease(resource) ? releases.read(id, state) : objects.read(resource, id, state, inputs);
  }

  delete(resource: Resource, id: string, state: PropertyMap): Promise<void> {
    const { releases, objects } = this.configured;
    return isRelease(resource) ? releases.delete(state) : objects.delete(resource, id, state);
  }

  construct(request: ConstructRequest, monitor: ResourceMonitor): Promise<Constructed> {
    const { cluster, helm, host, defaultNamespace } = this.configured;
    const { type } = request;
    // Nothing is constructed without a cluster, as in the provider's provider_construct.go.
    if (type !== chartType) throw new Error(`unknown resource type ${JSON.stringify(type)}`);
    if ("unreachable" in cluster)
      throw new Error(`configured Kubernetes cluster is unreachable: ${cluster.unreachable}`);
    return constructChart(request, monitor, {
      helm,
      host,
      defaultNamespace,
      capabilities: () => this.capabilities(),
      isNamespaced: (object) => this.isNamespaced(kindOfObject(object)),
    });
  }

  cancel(): void {
    this.canceler.abort();
  }

  /** What a cluster that runs tells helm. */
  private async capabilities(): Promise<Capabilities | undefined> {
    const { cluster } = this.configured;
    if (!(cluster instanceof ApiServer)) return undefined;
    return { kubeVersion: await cluster.version(), apiVersions: await cluster.apiVersions() };
  }

  private async isNamespaced(kind: GroupVersionKind): Promise<boolean | undefined> {
    const { cluster } = this.configured;
    return isNamespaced(kind) ?? ("unreachable" in cluster ? undefined : await cluster.isNamespaced(kind));
  }

  private get configured(): Configured {
    if (this.state === undefined) throw new Error("the provider is not configured");
    return this.state;
  }

  private async connect(given: ProviderSettings): Promise<Connected> {
    const helmWith = (env: Readonly<Record<string, string>> = {}) =>
      helmAt(this.helmExecutable, { ...given.helmEnvironment, ...env });
    const nowhere = (reason: string, error: unknown): Connected => {
      const target = { unreachable: `${reason}${(error as Error).message}` };
      const settings = { ...given, defaultNamespace: given.defaultNamespace || "default" };
      return { settings, cluster: target, releases: target, helm: helmWith() };
    };

    const source = given.kubeconfig === "" ? ambientKubeconfig() : given.kubeconfig;
    let kubeconfig: KubeconfigSource | undefined;
    try {
      kubeconfig = source === undefined ? undefined : readKubeconfig(source);
    } catch (error) {
      return nowhere("failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- ", error);
    }
    const namespace = kubeconfig === undefined ? "default" : namespaceOf(kubeconfig.config, given.context);
    const settings = { ...given, defaultNamespace: given.defaultNamespace || namespace };

    if (this.memory !== undefined) {
      const [state, helm] = [new MemoryState(this.memory), helmWith()];
      return { settings, cluster: new MemoryCluster(state), helm, releases: { releases: memoryReleases(helm, state) } };
    }
    let cluster: ApiServer;
    try {
      if (kubeconfig === undefined)
        throw new Error(
          "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable",
        );
      cluster = new ApiServer(
        connectionOf(kubeconfig.config, kubeconfig.folder, settings.context, settings.cluster),
        this.canceler.signal,
      );
    } catch (error) {
      return nowhere(
        "unable to load Kubernetes client configuration from kubeconfig file. Make sure you have: \n\n \t • set up the provider as per https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ \n\n ",
        error,
      );
    }
    try {
      await cluster.version();
    } catch (error) {
      return nowhere("unable to load schema information from the API server: ", error);
    }
    const helm = helmWith({ KUBECONFIG: fileOf(kubeconfig), HELM_KUBECONTEXT: settings.context ?? "" });
    return { settings, cluster, helm, releases: { releases: helmReleases(helm, this.canceler.signal) } };
  }
}

function isRelease({ type }: Resource): boolean {
  return type === releaseType;
}

/** Helm reads a kubeconfig from a file: one that was given by its content goes to one that only this user reads. */
function fileOf({ config, file }: KubeconfigSource): string {
  if (file !== undefined) return file;
  const written = join(mkdtempSync(join(tmpdir(), "kubernetes-double-")), "kubeconfig");
  writeFileSync(written, JSON.stringify(config), { mode: 0o600 });
  return written;
}

function activeClusterOf(config: PropertyMap): unknown {
  const text = (value: PropertyValue | undefined) => {
    const known = stripSecrets(value ?? null);
    return typeof known === "string" && known !== "" ? known : undefined;
  };
  const kubeconfig = stripSecrets(config["kubeconfig"] ?? null);
  const source = isMap(kubeconfig) ? JSON.stringify(kubeconfig) : text(kubeconfig);
  if (source === undefined) return undefined;
  return activeCluster(readKubeconfig(source).config, text(config["context"]), text(config["cluster"]));
}
