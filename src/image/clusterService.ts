/** The endings of a service's name inside a cluster; a cluster with another domain than the usual one serves `NAME.NAMESPACE.svc`, too. */
const ENDINGS = [".svc", ".svc.cluster.local"];

/**
 * The namespace of the service that a host is inside a cluster; undefined for every other host, also for one that only has `svc`
 * in its name.
 *
 * @param host with or without a port
 * @example
 * ```ts
 * namespaceOfService("registry.harbor.svc:5000"); // "harbor"
 * namespaceOfService("registry-0.registry.harbor.svc.cluster.local"); // "harbor": a pod behind a headless service
 * namespaceOfService("registry.eu.svc.example.com"); // undefined
 * ```
 */
export function namespaceOfService(host: string): string | undefined {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  const ending = ENDINGS.find((one) => name.endsWith(one));
  if (ending === undefined) return undefined;
  const labels = name.slice(0, -ending.length).split(".");
  return labels.length > 1 && labels.every((label) => label !== "") ? labels.at(-1) : undefined;
}
