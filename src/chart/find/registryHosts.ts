/** Hosts that serve images to the public; `*` stands for any labels. A table, since nothing in a name says what it serves. */
const REGISTRIES = [
  "docker.io",
  "*.docker.io",
  "quay.io",
  "ghcr.io",
  "gcr.io",
  "*.gcr.io",
  "registry.k8s.io",
  "*.registry.k8s.io",
  "*.pkg.dev",
  "*.azurecr.io",
  "*.azurecr.cn",
  "mcr.microsoft.com",
  "*.dkr.ecr.*.amazonaws.com",
  "*.dkr.ecr.*.amazonaws.com.cn",
  "public.ecr.aws",
  "nvcr.io",
  "icr.io",
  "*.icr.io",
  "*.jfrog.io",
  "lscr.io",
  "cgr.dev",
  "*.ocir.io",
  "*.aliyuncs.com",
  "*.tencentcloudcr.com",
  "*.ngc.nvidia.com",
  "xpkg.*",
  "docker.*",
  "registry.*",
  "registry-*.*",
  "*-registry.*",
  "*-docker.*",
  "*.registry.*",
  "cr.*",
  "oci.*",
  "images.*",
  "containers.*",
  "container-registry.*",
  "harbor.*",
];

/** Hosts and API groups that look like registries in `host/path:tag` and are none. */
const OTHERS = [
  "github.com",
  "*.github.com",
  "*.github.io",
  "*.githubusercontent.com",
  "gitlab.com",
  "bitbucket.org",
  "golang.org",
  "go.googlesource.com",
  "gopkg.in",
  "kubernetes.io",
  "*.kubernetes.io",
  "k8s.io",
  "*.k8s.io",
  "*.svc",
  "*.svc.cluster.local",
  "*.cluster.local",
  "*.local",
  "*.internal",
  "*.w3.org",
  "*.apache.org",
];

/** Registries in which every repository stands below an account, an organization or a project: `HOST/a` is never an image. */
const BELOW_NAMESPACES = [
  "quay.io",
  "ghcr.io",
  "gcr.io",
  "*.gcr.io",
  "*.pkg.dev",
  "nvcr.io",
  "lscr.io",
  "icr.io",
  "*.icr.io",
  "public.ecr.aws",
  "registry.gitlab.com",
  "*.ocir.io",
  "*.aliyuncs.com",
];

const registries = expression(REGISTRIES);
const others = expression(OTHERS);
const belowNamespaces = expression(BELOW_NAMESPACES);

/** Whether a host (with or without port) is known to serve images, or is named as registries are. */
export function isKnownRegistry(host: string): boolean {
  return registries.test(withoutPort(host));
}

/** Whether a host is known to serve something else: source code, cluster services, names of API groups. */
export function isOtherHost(host: string): boolean {
  return !isKnownRegistry(host) && others.test(withoutPort(host));
}

/** Whether a registry is known to have no repository without a path before its name. */
export function hasNamespacesAlone(host: string): boolean {
  return belowNamespaces.test(withoutPort(host));
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}

function expression(patterns: readonly string[]): RegExp {
  const one = (pattern: string): string => pattern.replaceAll(".", "\\.").replaceAll("*", "[a-z0-9.-]+");
  return new RegExp(`^(?:${patterns.map(one).join("|")})$`);
}
