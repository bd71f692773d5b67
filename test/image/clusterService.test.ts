import { namespaceOfService } from "../../src/image/clusterService";

it.each([
  ["registry.harbor.svc", "harbor"],
  ["registry.harbor.svc:5000", "harbor"],
  ["Registry.Harbor.SVC.cluster.local:5000", "harbor"],
  ["registry-0.registry.harbor.svc.cluster.local", "harbor"],
  ["registry.eu.svc.example.com", undefined],
  ["a.b.svc.example.com:5000", undefined],
  ["registry.harbor.svc.cluster.local.example.com", undefined],
  ["registry.svc", undefined],
  ["svc", undefined],
  ["svc.cluster.local", undefined],
  ["registry.harbor.mysvc", undefined],
  ["registry.example.com", undefined],
])("%s is the service of the namespace %s", (host, namespace) => {
  expect(namespaceOfService(host)).toBe(namespace);
});
