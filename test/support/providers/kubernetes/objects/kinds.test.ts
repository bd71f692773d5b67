import { isNamespaced, isPatch, kindOfObject, kindOfType, replacingProperties } from "./kinds";

it.each([
  ["kubernetes:core/v1:Secret", { group: "", version: "v1", kind: "Secret" }],
  ["kubernetes:v1:Secret", { group: "", version: "v1", kind: "Secret" }],
  ["kubernetes:core/v1:SecretPatch", { group: "", version: "v1", kind: "Secret" }],
  ["kubernetes:batch/v1:CronJob", { group: "batch", version: "v1", kind: "CronJob" }],
  ["kubernetes:a.example/v1beta1:DogPatch", { group: "a.example", version: "v1beta1", kind: "DogPatch" }],
])("%s is of kind %j", (type, kind) => expect(kindOfType(type)).toEqual(kind));

it("reads the kind of an object", () => {
  expect(kindOfObject({ apiVersion: "v1", kind: "Pod" })).toEqual({ group: "", version: "v1", kind: "Pod" });
  expect(kindOfObject({ apiVersion: "apps/v1", kind: "X" })).toEqual({ group: "apps", version: "v1", kind: "X" });
});

it.each([
  ["kubernetes:core/v1:Secret", true],
  ["kubernetes:core/v1:Namespace", false],
  ["kubernetes:rbac.authorization.k8s.io/v1:Role", true],
  ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", false],
  ["kubernetes:stable.example.com/v1:CronTab", undefined],
])("%s: namespaced %s", (type, namespaced) => expect(isNamespaced(kindOfType(type))).toBe(namespaced));

it("tells patches from kinds that are only named so", () => {
  expect(isPatch("kubernetes:core/v1:ServiceAccountPatch")).toBe(true);
  expect(isPatch("kubernetes:core/v1:ServiceAccount")).toBe(false);
  expect(isPatch("kubernetes:a.example/v1:DogPatch")).toBe(false);
});

it.each([
  [{ apiVersion: "v1", kind: "Secret" }, false, true],
  [{ apiVersion: "v1", kind: "Secret" }, true, false],
  [{ apiVersion: "v1", kind: "Secret", immutable: true }, true, true],
  [{ apiVersion: "v1", kind: "ConfigMap" }, false, true],
  [{ apiVersion: "v1", kind: "ConfigMap" }, true, false],
  [{ apiVersion: "example.com/v1", kind: "Secret" }, false, false],
])("the data of %j, mutable %s, replaces it: %s", (object, mutable, replaces) => {
  const properties = replacingProperties(object, { secrets: mutable, configMaps: mutable });
  expect(properties.includes(".data")).toBe(replaces);
  expect(properties).toEqual(expect.arrayContaining([".metadata.name", ".metadata.namespace"]));
});
