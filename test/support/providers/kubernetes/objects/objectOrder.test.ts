import type { KubernetesObject } from "../cluster";
import { creationOrder } from "./objectOrder";

const object = (kind: string, name: string, more: object = {}, apiVersion = "v1"): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...more },
});
const dependsOn = (on: string) => ({ namespace: "shop", annotations: { "config.kubernetes.io/depends-on": on } });

describe("the order in which a chart's objects are made", () => {
  const namespace = object("Namespace", "shop");
  const account = object("ServiceAccount", "web", { namespace: "shop" });
  const job = object("Job", "last", dependsOn("/namespaces/shop/ServiceAccount/web, /Namespace/shop"), "batch/v1");
  const definition = {
    ...object("CustomResourceDefinition", "shops.test", {}, "apiextensions.k8s.io/v1"),
    spec: { group: "test", names: { kind: "Shop" } },
  };
  const custom = object("Shop", "one", {}, "test/v1");

  it("has what is needed first, and else the order given", () => {
    const order = creationOrder([job, custom, account, namespace, definition]);
    expect(order.map(({ object: { kind } }) => kind)).toEqual([
      "Namespace",
      "ServiceAccount",
      "Job",
      "CustomResourceDefinition",
      "Shop",
    ]);
    expect(order.find((entry) => entry.object === job)?.needs).toEqual([account, namespace]);
    expect(order.find((entry) => entry.object === custom)?.needs).toEqual([definition]);
    expect(order.find((entry) => entry.object === account)?.needs).toEqual([namespace]);
  });

  it("refuses objects that need each other", () => {
    const one = object("ConfigMap", "one", dependsOn("/namespaces/shop/ConfigMap/two"));
    const two = object("ConfigMap", "two", dependsOn("/namespaces/shop/ConfigMap/one"));
    expect(() => creationOrder([one, two])).toThrow(/cyclic dependency.*ConfigMap\/one -> .*ConfigMap\/two/);
  });
});
