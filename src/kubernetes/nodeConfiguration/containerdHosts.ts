import { DEFAULT_REGISTRY } from "../../image/reference";
import { mirrorOrigin, type NodeConfiguration, type NodeFiles } from "./nodeConfiguration";
import { upstreamRoutes } from "./upstreamRoute";

/** Where containerd reads `HOST[:PORT]/hosts.toml` when its `config_path` says so, as most installers set it. */
export const CONTAINERD_FOLDER = "/etc/containerd/certs.d";
const CA_FILE = "ca.crt";

/**
 * The tree below /etc/containerd/certs.d: `HOST[:PORT]/hosts.toml` for the mirror and each upstream, each with the
 * CA's certificate beside it where there is one. containerd reads it anew at every pull. An upstream stays what is asked
 * when the mirror does not have an image. Logins are no part of it: pods bring them as pull secrets.
 *
 * containerd cannot rewrite names: of Docker Hub's official images it finds those that the mirror has below `library/`.
 *
 * @see {@link https://github.com/containerd/containerd/blob/main/docs/hosts.md}
 */
export function containerdHosts(configuration: NodeConfiguration): NodeFiles {
  const { mirror, plainHttp } = configuration;
  const origin = mirrorOrigin(configuration);
  const caCertificate = plainHttp ? undefined : configuration.caCertificate;
  const ca = caCertificate !== undefined;
  const texts: [host: string, text: string][] = [
    [mirror.host, hostsToml({ server: origin, serverCa: ca, host: origin, ca })],
    ...upstreamRoutes(configuration).map(({ host, prefix }): [string, string] => [
      host,
      hostsToml({ server: upstreamServer(host), host: origin, repositoryPrefix: prefix, ca }),
    ]),
  ];
  return Object.fromEntries(
    texts.flatMap(([host, text]) => [
      [`${host}/hosts.toml`, text],
      ...(ca ? [[`${host}/${CA_FILE}`, caCertificate]] : []),
    ]),
  ) as NodeFiles;
}

interface HostsToml {
  /** Origin that is asked last. */
  readonly server: string;
  readonly serverCa?: boolean;
  /** Origin that is asked first. */
  readonly host: string;
  /** What comes before every repository at `host`, with a slash at its end. */
  readonly repositoryPrefix?: string;
  readonly ca: boolean;
}

/**
 * The text of a `hosts.toml`. It has a `host` table even where the server alone would say all: without one the whole
 * file is thrown away ({@link https://github.com/containerd/containerd/issues/10027}).
 */
function hostsToml({ server, serverCa = false, host, repositoryPrefix = "", ca }: HostsToml): string {
  // With override_path the path is the API's root: without it containerd would put /v2 behind the prefix.
  const root = repositoryPrefix === "" ? host : `${host}/v2/${repositoryPrefix.slice(0, -1)}`;
  return [
    `server = ${quote(server)}`,
    ...(serverCa ? [`ca = ${quote(CA_FILE)}`] : []),
    "",
    `[host.${quote(root)}]`,
    '  capabilities = ["pull", "resolve"]',
    ...(ca ? [`  ca = ${quote(CA_FILE)}`] : []),
    ...(repositoryPrefix === "" ? [] : ["  override_path = true"]),
    "",
  ].join("\n");
}

/** Docker Hub's API has another host than its references. */
function upstreamServer(host: string): string {
  return `https://${host === DEFAULT_REGISTRY ? "registry-1.docker.io" : host}`;
}

/** A basic string of TOML, whose escapes are those of JSON. */
const quote = (text: string): string => JSON.stringify(text);
