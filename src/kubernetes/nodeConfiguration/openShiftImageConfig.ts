import { MirrorError } from "../../error";
import { isMap, type Json, type JsonObject } from "../../json";
import { ownValue } from "../../ownKeys";
import { mirrorPrefix } from "../../plan/layout";
import { mergeObject } from "./mergeObject";
import type { NodeConfiguration } from "./nodeConfiguration";

/** Where OpenShift looks for the ConfigMap with the CAs. */
export const CERTIFICATES_NAMESPACE = "openshift-config";
const OWN_CERTIFICATES = "chart-mirror-registry-ca";

/** The cluster forbids its nodes to pull from the mirror. `code` is `REGISTRY_BLOCKED`. */
export class RegistryBlockedError extends MirrorError {
  override readonly name = "RegistryBlockedError";
  constructor(registry: string, entry: string) {
    super(
      "REGISTRY_BLOCKED",
      `configuring the nodes for ${registry}: ${JSON.stringify(entry)} of spec.registrySources.blockedRegistries of ` +
        "image.config.openshift.io/cluster forbids to pull from it",
      "Take that entry out of the list, or mirror into another registry",
    );
  }
}

/**
 * `image.config.openshift.io/cluster` with what the mirror needs, or undefined when it needs nothing.
 *
 * The cluster has one such object, so that what is in it belongs to others too: it all stays. A mirror is added to
 * `allowedRegistries` only where that list is in use, for then every registry that is not in it is forbidden.
 *
 * @param existing the object as the cluster has it. Without it the result names the mirror alone, and since lists are
 * replaced as a whole by `oc apply`, it must not be applied to a cluster that has other entries.
 * @throws {RegistryBlockedError}
 * @see {@link https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/config_apis/image-config-openshift-io-v1}
 */
export function openShiftImageConfig(configuration: NodeConfiguration, existing?: JsonObject): JsonObject | undefined {
  const wanted = wantedImageConfig(configuration, existing);
  return wanted && mergeObject(existing ? applicable(existing) : {}, { ...imageConfigIdentity(), ...wanted });
}

/** Names `image.config.openshift.io/cluster`. */
export const IMAGE_CONFIG = { apiVersion: "config.openshift.io/v1", kind: "Image", name: "cluster" } as const;

function imageConfigIdentity(): JsonObject {
  const { name, ...type } = IMAGE_CONFIG;
  return { ...type, metadata: { name } };
}

/**
 * What the mirror needs of `image.config.openshift.io/cluster`, or undefined when it needs nothing.
 *
 * @param existing the object as the cluster has it, apart from what the mirror has in it already
 * @throws {RegistryBlockedError}
 */
export function wantedImageConfig(configuration: NodeConfiguration, existing?: JsonObject): JsonObject | undefined {
  const { mirror, plainHttp } = configuration;
  const sources = field(field(existing, "spec"), "registrySources");
  const blocked = strings(sources?.blockedRegistries).find((entry) => covers(entry, configuration));
  if (blocked !== undefined) throw new RegistryBlockedError(mirrorPrefix(mirror), blocked);
  const allowed = strings(sources?.allowedRegistries);
  const registrySources: JsonObject = {
    ...(plainHttp && { insecureRegistries: [mirror.host] }),
    ...(allowed.length > 0 &&
      !allowed.some((entry) => covers(entry, configuration)) && { allowedRegistries: [mirror.host] }),
  };
  const spec: JsonObject = {
    ...(trustedCertificate(configuration) !== undefined && {
      additionalTrustedCA: { name: certificatesName(existing) },
    }),
    ...(Object.keys(registrySources).length > 0 && { registrySources }),
  };
  return Object.keys(spec).length === 0 ? undefined : { spec };
}

/**
 * The ConfigMap in `openshift-config` with the mirror's CA, or undefined when there is none. The cluster names one such
 * ConfigMap alone, so that one which it names already gets another key.
 *
 * @param image `image.config.openshift.io/cluster` as the cluster has it
 * @param existing the ConfigMap that it names, as the cluster has it
 */
export function openShiftCertificates(
  configuration: NodeConfiguration,
  image?: JsonObject,
  existing?: JsonObject,
): JsonObject | undefined {
  const wanted = wantedCertificates(configuration);
  return (
    wanted &&
    mergeObject(existing ? applicable(existing) : {}, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: certificatesName(image), namespace: CERTIFICATES_NAMESPACE },
      ...wanted,
    })
  );
}

/** What the mirror needs of the ConfigMap with the CAs, or undefined when it needs nothing. */
export function wantedCertificates(configuration: NodeConfiguration): JsonObject | undefined {
  const certificate = trustedCertificate(configuration);
  // A key may not hold a colon; the two dots stand for it.
  return certificate === undefined
    ? undefined
    : { data: { [configuration.mirror.host.replace(/:(\d+)$/, "..$1")]: certificate } };
}

function trustedCertificate({ plainHttp, caCertificate }: NodeConfiguration): string | undefined {
  return plainHttp ? undefined : caCertificate;
}

/** The name of the ConfigMap with the CAs: that which the cluster uses, else one of our own. */
export function certificatesName(image: JsonObject | undefined): string {
  const name = field(field(image, "spec"), "additionalTrustedCA")?.name;
  return typeof name === "string" && name !== "" ? name : OWN_CERTIFICATES;
}

/** Whether an entry of a list of registries, `HOST[:PORT][/PATH]` or `*.DOMAIN`, means the mirror. */
function covers(entry: string, { mirror }: NodeConfiguration): boolean {
  if (entry.startsWith("*.")) return mirror.host.replace(/:\d+$/, "").endsWith(entry.slice(1));
  return `${mirrorPrefix(mirror)}/`.startsWith(`${entry}/`);
}

/** An object as it may be applied: without what the API server keeps for itself. */
function applicable(object: JsonObject): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  const { managedFields: _managedFields, ...kept } = isMap(metadata) ? metadata : {};
  return { ...rest, metadata: kept };
}

function field(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = ownValue(object, key);
  return isMap(value) ? value : undefined;
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
