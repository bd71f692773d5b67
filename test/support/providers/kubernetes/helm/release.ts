import { randomBytes } from "node:crypto";
import {
  hasUnknowns,
  isMap,
  plain,
  Secret,
  stripSecrets,
  unknown,
  withSecretsOf,
  withUnknownsOf,
  type PropertyMap,
  type PropertyValue,
} from "../../protocol/propertyValue";
import {
  InitializationFailed,
  type Checked,
  type Created,
  type Diff,
  type DiffRequest,
  type Host,
  type ReadResult,
  type Resource,
  type UpdateRequest,
} from "../../protocol/resourceProvider";
import { withChart } from "./chart";
import type { Helm } from "./helm";
import { ReleaseFailed, type DeployedRelease, type ReleaseRequest, type Releases } from "./helmReleases";
import { resourceNames } from "../objects/manifests";
import { overlay, threeWayMergePatch } from "../objects/mergePatch";
import { patchDiff } from "../objects/patchDiff";
import {
  chartLocation,
  decodeRelease,
  defaultTimeoutSeconds,
  inputFailures,
  releaseRequest,
  text,
  timeout,
} from "./releaseForm";

/** Where releases go: nothing when the cluster cannot be reached, and then why. */
export type ReleaseTarget = { readonly releases: Releases } | { readonly unreachable: string };

/**
 * `helm.v3.Release` as the real provider has it: the same defaults, checks, differences and errors.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/helm_release.go
 */
export class ReleaseResource {
  constructor(
    private readonly helm: Helm,
    private readonly target: ReleaseTarget,
    private readonly defaultNamespace: string,
    private readonly host: Host,
  ) {}

  async check({ name, urn }: Resource, olds: PropertyMap, news: PropertyMap): Promise<Checked> {
    const failures = inputFailures(news);
    if (failures.length > 0) return { inputs: news, failures };
    if (stripSecrets(news["allowNullValues"] ?? false) === true)
      await this.host.log(
        "warning",
        urn,
        "`allowNullValues` is deprecated and has no effect; null values in Helm chart values are preserved by default.",
      );

    const given: PropertyMap = { ...news };
    if (given["name"] === undefined && olds["name"] !== undefined) given["name"] = olds["name"];
    if (isEmpty(given["name"])) given["name"] = `${name}-${randomBytes(4).toString("hex")}`;
    if (isEmpty(given["namespace"])) given["namespace"] = this.defaultNamespace;
    if (isEmpty(given["skipAwait"])) given["timeout"] ??= defaultTimeoutSeconds;
    if (given["verify"] === true && isEmpty(given["keyring"]))
      given["keyring"] = `${process.env["HOME"] ?? ""}/.gnupg/pubring.gpg`;

    const release = await decodeRelease(given);
    if (!hasUnknowns(given)) {
      try {
        // The chart's own version, where the program gives none or a range: only so is a newer chart a difference.
        release["version"] = await withChart(this.helm, chartLocation(release), ({ metadata }) =>
          Promise.resolve(metadata.version),
        );
      } catch (error) {
        const reason = `${(error as Error).message}; check the chart name and repository configuration.`;
        return { inputs: given, failures: [{ property: "chart", reason }] };
      }
    }
    return { inputs: withSecretsOf(withUnknownsOf(release, news), news) };
  }

  diff({ olds, news, ignoreChanges }: DiffRequest): Diff {
    const oldInputs = inputsOf(olds);
    const wanted = ignoreChanges.includes("version") ? { ...news, version: olds["version"] ?? null } : news;
    const patch = threeWayMergePatch(
      plain(oldInputs) as PropertyMap,
      plain(wanted) as PropertyMap,
      plain(olds) as PropertyMap,
    );
    if (Object.keys(patch).length === 0) return { changes: false };
    const details = patchDiff(patch, stripSecrets(olds), stripSecrets(wanted), stripSecrets(oldInputs), [
      ".name",
      ".namespace",
    ]);
    const replaces = Object.keys(details).filter((path) => details[path]?.kind.endsWith("-replace"));
    return { changes: true, replaces, diffs: Object.keys(patch), details };
  }

  async create({ urn }: Resource, inputs: PropertyMap, preview: boolean): Promise<Created> {
    const release = await decodeRelease(inputs);
    if (preview) return { id: "", state: checkpoint(inputs, release, "preview") };
    const releases = this.reachable("create");
    const id = `${text(release, "namespace")}/${text(release, "name")}`;
    try {
      const deployed = await this.withRequest(release, (request) => releases.install(request));
      return { id, state: checkpoint(inputs, release, deployed) };
    } catch (error) {
      if (!(error instanceof ReleaseFailed)) throw error;
      await this.host.log(
        "warning",
        urn,
        `Helm release ${JSON.stringify(error.release.name)} was created but has a failed status. Use the \`helm\` command to investigate the error, correct it, then retry. Reason: ${error.message}`,
      );
      throw new InitializationFailed(
        `Helm release ${JSON.stringify(id)} was created, but failed to initialize completely. Use Helm CLI to investigate: ${unavailable(id, error)}`,
        id,
        checkpoint(inputs, release, error.release),
      );
    }
  }

  async update({ news, preview }: UpdateRequest): Promise<PropertyMap> {
    const release = await decodeRelease(news);
    if (preview) return checkpoint(news, release, "preview");
    const releases = this.reachable("update");
    try {
      const deployed = await this.withRequest(release, (request) => releases.upgrade(request));
      return checkpoint(news, release, deployed);
    } catch (error) {
      if (!(error instanceof ReleaseFailed)) throw error;
      const id = `${text(release, "namespace")}/${text(release, "name")}`;
      throw new InitializationFailed(
        `Helm release ${JSON.stringify(id)} failed to initialize completely. Use Helm CLI to investigate: ${unavailable(id, error)}`,
        id,
        checkpoint(news, release, error.release),
      );
    }
  }

  async read(id: string, state: PropertyMap): Promise<ReadResult | undefined> {
    const releases = this.reachable("read");
    const known = await decodeRelease(state);
    const [namespace = "", name = ""] = id.split("/");
    const imported = Object.keys(state).length === 0;
    const deployed = imported
      ? await releases.find(namespace, name)
      : await releases.find(text(known, "namespace"), text(known, "name"));
    if (deployed === undefined) return undefined;
    if (!imported) {
      const inputs = inputsOf(state);
      return { id, inputs, state: checkpoint(inputs, known, deployed) };
    }
    const inputs: PropertyMap = {
      ...known,
      name: deployed.name,
      namespace: deployed.namespace,
      chart: deployed.chart.name,
      version: deployed.chart.version,
      values: deployed.values,
      timeout: defaultTimeoutSeconds,
    };
    return { id, inputs, state: checkpoint(inputs, inputs, deployed) };
  }

  async delete(state: PropertyMap): Promise<void> {
    if ("unreachable" in this.target)
      throw new Error(
        `can't delete Helm Release with unreachable cluster. Reason: ${JSON.stringify(this.target.unreachable)}`,
      );
    const release = await decodeRelease(state);
    const waits = release["atomic"] === true || release["skipAwait"] !== true;
    const wait = waits ? { timeoutSeconds: timeout(release) } : undefined;
    await this.target.releases.uninstall(text(release, "namespace"), text(release, "name"), wait);
  }

  private reachable(what: string): Releases {
    if ("releases" in this.target) return this.target.releases;
    throw new Error(`can't ${what} Helm Release with unreachable cluster: ${this.target.unreachable}`);
  }

  private withRequest<T>(release: PropertyMap, deploy: (request: ReleaseRequest) => Promise<T>): Promise<T> {
    return withChart(this.helm, chartLocation(release), (chart) => {
      const { type = "" } = chart.metadata;
      if (type !== "" && type !== "application") throw new Error(`${type} charts are not installable`);
      return deploy(releaseRequest(release, chart));
    });
  }
}

function unavailable(id: string, error: Error): string {
  return `failed to become available within allocated timeout. Error: Helm Release ${id}: ${error.message}`;
}

/** The state: what the release is, what it became, and the inputs, which may hold secrets anywhere. */
function checkpoint(inputs: PropertyMap, release: PropertyMap, deployed: DeployedRelease | "preview"): PropertyMap {
  const outputs: PropertyMap = { ...release };
  if (deployed !== "preview") {
    outputs["values"] = overlay(release["values"] as PropertyMap, deployed.values);
    outputs["version"] = deployed.chart.version;
  }
  const marked = withSecretsOf(withUnknownsOf(outputs, inputs), inputs);
  const state = { ...marked, __inputs: new Secret(inputs) };
  if (deployed === "preview") return { ...state, resourceNames: unknown, status: unknown };
  const { name, namespace, revision, status, chart } = deployed;
  return {
    ...state,
    resourceNames: resourceNames(deployed.manifest),
    status: {
      appVersion: chart.appVersion,
      chart: chart.name,
      name,
      namespace,
      revision,
      status,
      version: chart.version,
    },
  };
}

function inputsOf(state: PropertyMap): PropertyMap {
  const inputs = state["__inputs"];
  const map = inputs instanceof Secret ? inputs.value : inputs;
  if (!isMap(map)) return {};
  const { checksum: _, resourceNames: __, ...rest } = map;
  return rest;
}

function isEmpty(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null || value === "" || value === false;
}
