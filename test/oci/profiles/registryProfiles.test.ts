import { kindToTell, registryKind, registryProfile } from "../../../src/oci/profiles/registryProfiles";

it.each([
  ["docker.io", "dockerHub"],
  ["123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"],
  ["123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "ecr"],
  ["123456789012.dkr-ecr.eu-west-1.on.aws", "ecr"],
  ["123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "ecr"],
  ["123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "ecr"],
  ["public.ecr.aws", "ecrPublic"],
  ["mine.azurecr.io", "acr"],
  ["europe-west1-docker.pkg.dev", "artifactRegistry"],
  ["eu.gcr.io", "artifactRegistry"],
  ["ghcr.io", "ghcr"],
  ["quay.io:443", "quay"],
  ["quay.example.com", "quay"],
  ["registry.gitlab.com", "gitlab"],
  ["evil.dkr.ecr.eu-central-1.amazonaws.com.evil.net", "other"],
  ["notgcr.io", "other"],
  ["harbor.example.com", "harbor"],
  ["localhost:5000", "other"],
])("%s is %s", (host, kind) => expect(registryKind(host)).toBe(kind));

it("an access tells a kind where the host's name tells another or none", () => {
  expect(kindToTell("quay.corp.example", "quay")).toBeUndefined();
  expect(kindToTell("registry.corp.example", "quay")).toBe("quay");
  expect(kindToTell("quay.corp.example", "acr")).toBe("acr");
});

it("a kind that nobody knows has what holds for any", () =>
  expect(registryProfile("toString")).toEqual(registryProfile("other")));
