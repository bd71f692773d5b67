import { registryKind } from "../../../src/oci/errors/registryKind";

it.each([
  ["docker.io", "dockerHub"],
  ["123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"],
  ["123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "ecr"],
  ["123456789012.dkr-ecr.eu-west-1.on.aws", "ecr"],
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
  ["localhost:5000", "other"],
])("%s is %s", (host, kind) => expect(registryKind(host)).toBe(kind));
