import { dump } from "js-yaml";
import { mirrorOrigin, type NodeConfiguration, type NodeFiles } from "./nodeConfiguration";
import { OFFICIAL_IMAGES, upstreamRoutes, type UpstreamRoute } from "./upstreamRoute";

/** Where K3s reads its `registries.yaml`. */
export const K3S_FOLDER = "/etc/rancher/k3s";
const CA_FILE = "chart-mirror-ca.crt";

/**
 * K3s's `registries.yaml`, with the CA's certificate beside it where there is one, both to be put into
 * /etc/rancher/k3s of every node. It holds the login in plain text.
 *
 * An official image of Docker Hub is looked for under the name that charts write, `nginx` and not `library/nginx`.
 *
 * @see {@link https://docs.k3s.io/installation/private-registry}
 */
export function k3sRegistries(configuration: NodeConfiguration): NodeFiles {
  const { mirror, plainHttp, login } = configuration;
  const endpoint = [mirrorOrigin(configuration)];
  const caCertificate = plainHttp ? undefined : configuration.caCertificate;
  const mirrors = Object.fromEntries([
    [mirror.host, { endpoint }],
    ...upstreamRoutes(configuration).map((route) => [route.host, { endpoint, ...rewrite(route) }] as const),
  ]);
  const config = {
    ...(login && { auth: { username: login.username, password: login.password } }),
    ...(caCertificate !== undefined && { tls: { ca_file: `${K3S_FOLDER}/${CA_FILE}` } }),
  };
  const configs = Object.keys(config).length > 0 ? { configs: { [mirror.host]: config } } : {};
  return {
    "registries.yaml": dump({ mirrors, ...configs }, { noRefs: true, lineWidth: -1 }),
    ...(caCertificate !== undefined && { [CA_FILE]: caCertificate }),
  };
}

/**
 * One rule alone: rules are kept in a Go map and tried in any order ({@link https://github.com/rancher/rke2/issues/3227}),
 * and Go's expressions cannot say "all but".
 */
function rewrite({ prefix, hasOfficialImages }: UpstreamRoute): { rewrite?: Record<string, string> } {
  if (hasOfficialImages) return { rewrite: { [`^(?:${OFFICIAL_IMAGES})?(.*)$`]: `${prefix}$1` } };
  return prefix === "" ? {} : { rewrite: { "^(.*)$": `${prefix}$1` } };
}
