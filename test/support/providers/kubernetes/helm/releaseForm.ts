import { load } from "js-yaml";
import {
  Asset,
  isMap,
  plain,
  Secret,
  stripSecrets,
  type PropertyMap,
  type PropertyValue,
} from "../../protocol/propertyValue";
import type { CheckFailure } from "../../protocol/resourceProvider";
import type { ChartLocation, LoadedChart } from "./chart";
import type { ReleaseRequest } from "./helmReleases";
import { overlay } from "../objects/mergePatch";
import { repositoryOptsSchema, resourceSchema, schemaFailures } from "../objects/schema";

export const releaseType = "kubernetes:helm.sh/v3:Release";

export const defaultTimeoutSeconds = 300;

/** What is wrong with the arguments of a release. */
export function inputFailures(news: PropertyMap): CheckFailure[] {
  const schema = resourceSchema(releaseType);
  if (schema === undefined) throw new Error(`the SDK has no ${releaseType}`);
  const repositoryOpts = stripSecrets(news["repositoryOpts"] ?? null);
  return [
    ...schemaFailures(schema, news),
    ...(isMap(repositoryOpts) ? schemaFailures(repositoryOptsSchema(), repositoryOpts, "repositoryOpts.") : []),
  ];
}

/** Arguments of the SDK that the provider reads, or drops, before the release is compared and stored. */
const notStored = new Set(["compat", "manifest", "resourceNames", "valueYamlFiles"]);
/** Arguments that are stored only when they are given. */
const optional = new Set(["maxHistory", "repositoryOpts"]);

/**
 * The release that inputs or a state describe, in the provider's form: every argument is there, with the zero value of
 * its type; value files are merged under `values`; secrets are in the clear and unknowns null.
 */
export async function decodeRelease(properties: PropertyMap): Promise<PropertyMap> {
  const given = properties as Readonly<Record<string, PropertyValue>>;
  const release: PropertyMap = {};
  for (const [key, { type }] of resourceSchema(releaseType) ?? []) {
    if (notStored.has(key)) continue;
    const value = plain(given[key] ?? null);
    if (value !== null) release[key] = value;
    else if (type === "boolean") release[key] = false;
    else if (type === "string") release[key] = "";
    else if (type === "number" && !optional.has(key)) release[key] = 0;
  }
  const repository = release["repositoryOpts"];
  if (isMap(repository))
    release["repositoryOpts"] = {
      ...Object.fromEntries([...repositoryOptsSchema().keys()].map((key) => [key, ""])),
      ...Object.fromEntries(Object.entries(repository).filter(([, value]) => value !== null)),
    };
  const values = release["values"];
  release["values"] = overlay(await valuesOfFiles(given["valueYamlFiles"]), isMap(values) ? values : {});
  return release;
}

async function valuesOfFiles(files: PropertyValue | undefined): Promise<PropertyMap> {
  let values: PropertyMap = {};
  const list = files instanceof Secret ? files.value : files;
  for (const file of Array.isArray(list) ? list : []) {
    const asset = file instanceof Secret ? file.value : file;
    if (!(asset instanceof Asset)) throw new Error("unsupported type for 'valueYamlFiles' arg");
    const content = load(await asset.read()) as PropertyValue | undefined;
    if (isMap(content)) values = overlay(values, content);
  }
  return values;
}
/** A text of a decoded release. */
export function text(release: PropertyMap, key: string): string {
  const value = release[key];
  return typeof value === "string" ? value : "";
}

/** How long helm waits, in seconds. */
export function timeout(release: PropertyMap): number {
  const seconds = release["timeout"];
  return typeof seconds === "number" && seconds !== 0 ? seconds : defaultTimeoutSeconds;
}

export function chartLocation(release: PropertyMap): ChartLocation {
  const repository = isMap(release["repositoryOpts"]) ? release["repositoryOpts"] : {};
  const version = text(release, "version");
  const chart = text(release, "chart");
  const login = text(repository, "username") !== "" && text(repository, "password") !== "";
  // The real provider asks an OCI registry with its certificates only where it logs in (helm_release.go, getChart).
  const file = (key: string) => (chart.startsWith("oci://") && !login ? "" : text(repository, key));
  return {
    chart,
    version: version === "" && release["devel"] === true ? ">0.0.0-0" : version,
    repository: {
      repo: text(repository, "repo"),
      username: text(repository, "username"),
      password: text(repository, "password"),
      caFile: file("caFile"),
      certFile: file("certFile"),
      keyFile: file("keyFile"),
    },
    verify: release["verify"] === true,
    keyring: text(release, "keyring"),
    dependencyUpdate: release["dependencyUpdate"] === true,
  };
}

export function releaseRequest(release: PropertyMap, chart: LoadedChart): ReleaseRequest {
  const is = (key: string) => release[key] === true;
  const maxHistory = release["maxHistory"];
  return {
    name: text(release, "name"),
    namespace: text(release, "namespace"),
    chart,
    values: release["values"] as PropertyMap,
    wait: !is("skipAwait"),
    waitForJobs: is("waitForJobs"),
    timeoutSeconds: timeout(release),
    atomic: is("atomic"),
    disableHooks: is("disableWebhooks"),
    disableUpgradeHooks: is("disableCRDHooks"),
    skipCrds: is("skipCrds"),
    description: text(release, "description"),
    postRenderer: text(release, "postrender"),
    takeOwnership: is("takeOwnership"),
    disableOpenapiValidation: is("disableOpenapiValidation"),
    createNamespace: is("createNamespace"),
    replace: is("replace"),
    force: is("forceUpdate"),
    resetValues: is("resetValues"),
    reuseValues: is("reuseValues"),
    cleanupOnFail: is("cleanupOnFail"),
    recreatePods: is("recreatePods"),
    maxHistory: typeof maxHistory === "number" ? maxHistory : 0,
  };
}
