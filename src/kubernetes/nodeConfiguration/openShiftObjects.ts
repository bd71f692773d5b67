import { isMap, type JsonObject } from "../../json";
import type { NodeConfiguration } from "./nodeConfiguration";
import {
  certificatesName,
  CERTIFICATES_NAMESPACE,
  openShiftCertificates,
  openShiftImageConfig,
} from "./openShiftImageConfig";
import { openShiftMirrorSets } from "./openShiftMirrorSets";

/**
 * All objects that make OpenShift's nodes use the mirror, in the order to apply them in: the ConfigMap before what
 * names it.
 *
 * @param existing what the cluster has of `image.config.openshift.io/cluster` and of the ConfigMap that it names; other
 * objects are passed over
 * @throws {RegistryBlockedError}
 */
export function openShiftObjects(configuration: NodeConfiguration, existing: readonly JsonObject[] = []): JsonObject[] {
  const find = (apiVersion: string, kind: string, name: string, namespace?: string): JsonObject | undefined =>
    existing.find(
      ({ metadata, ...object }) =>
        object.apiVersion === apiVersion &&
        object.kind === kind &&
        isMap(metadata) &&
        metadata.name === name &&
        metadata.namespace === namespace,
    );
  const image = find("config.openshift.io/v1", "Image", "cluster");
  const certificates = find("v1", "ConfigMap", certificatesName(image), CERTIFICATES_NAMESPACE);
  return [
    openShiftCertificates(configuration, image, certificates),
    openShiftImageConfig(configuration, image),
    ...openShiftMirrorSets(configuration),
  ].filter((object) => object !== undefined);
}
