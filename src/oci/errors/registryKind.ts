/** Registries whose behaviour or remedies differ. */
export type RegistryKind =
  "dockerHub" | "ecr" | "ecrPublic" | "acr" | "artifactRegistry" | "ghcr" | "quay" | "gitlab" | "other";

const KINDS: readonly [RegExp, RegistryKind][] = [
  [/^(?:docker\.io|(?:registry-1|index)\.docker\.io|registry\.hub\.docker\.com)$/, "dockerHub"],
  [
    /^\d+\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/,
    "ecr",
  ],
  [/^(?:public\.ecr\.aws|ecr-public\.aws\.com)$/, "ecrPublic"],
  [/\.azurecr\.(?:io|cn|us|de)$/, "acr"],
  [/(?:^|[.-])docker\.pkg\.dev$|^(?:[a-z]+\.)?gcr\.io$/, "artifactRegistry"],
  [/^ghcr\.io$/, "ghcr"],
  [/^quay\.io$|^quay\./, "quay"],
  [/^registry\.gitlab\.com$|^gitlab\./, "gitlab"],
];

/** Tells a registry by the name of its host: `host` or `host:port`, or a place as `Endpoint.place` writes it. */
export function registryKind(place: string): RegistryKind {
  const [host = ""] = place.split(/[/ ]/, 1);
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}
