import { isKnownRegistry, isOtherHost } from "../../../src/chart/find/registryHosts";

describe("hosts", () => {
  it.each([
    "docker.io",
    "index.docker.io",
    "quay.io",
    "europe-west1-docker.pkg.dev",
    "us.gcr.io",
    "acme.azurecr.io",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    "registry.k8s.io",
    "docker.elastic.co",
    "registry.acme.com:5000",
    "private-registry.acme.io",
    "xpkg.upbound.io",
  ])("%s is a registry", (host) => {
    expect([isKnownRegistry(host), isOtherHost(host)]).toEqual([true, false]);
  });
  it.each([
    "github.com",
    "raw.githubusercontent.com",
    "app.kubernetes.io",
    "rbac.authorization.k8s.io",
    "redis.shop.svc:6379",
  ])("%s is none", (host) => {
    expect([isKnownRegistry(host), isOtherHost(host)]).toEqual([false, true]);
  });
  it("leaves others open", () => {
    expect([isKnownRegistry("example.com"), isOtherHost("example.com")]).toEqual([false, false]);
  });
});
