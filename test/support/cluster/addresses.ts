/** Addresses inside a cluster's network namespace. They are the same in every cluster: nothing outside sees them. */
export const addresses = {
  node: "10.77.0.1",
  /** First address of the services' range: what pods find as KUBERNETES_SERVICE_HOST. The API server listens there. */
  api: "10.96.0.1",
  services: "10.96.0.0/16",
  pods: "10.88.0.0/16",
} as const;

export const nodeName = "node1";
