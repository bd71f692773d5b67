import type { RegistryLogin } from "./dockerApi";

const ACCEPT = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

/**
 * The digest of a tag, which the provider asks for itself, past the daemon; undefined when the registry does not tell.
 *
 * @see https://github.com/kreuzwerker/terraform-provider-docker/blob/v4.5.0/internal/provider/data_source_docker_registry_image.go
 */
export async function registryDigest(
  repository: string,
  tag: string,
  { username, password, serveraddress = "" }: RegistryLogin,
): Promise<string | undefined> {
  const url = `${serveraddress}/v2/${repository}/manifests/${tag}`;
  const basic = username ? `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}` : undefined;
  const ask = (authorization: string | undefined): Promise<Response> =>
    fetch(url, {
      method: "HEAD",
      headers: { Accept: ACCEPT, ...(authorization !== undefined && { Authorization: authorization }) },
    });
  let answer = await ask(basic);
  if (answer.status === 401) {
    const challenge = answer.headers.get("www-authenticate") ?? "";
    const parameter = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    if (!challenge.startsWith("Bearer")) return undefined;
    const query = new URLSearchParams({
      service: parameter("service"),
      scope: parameter("scope") || `repository:${repository}:push,pull`,
    });
    const granted = await fetch(`${parameter("realm")}?${query.toString()}`, {
      headers: basic === undefined ? {} : { Authorization: basic },
    });
    if (granted.status !== 200) return undefined;
    const { token, access_token: access } = (await granted.json()) as { token?: string; access_token?: string };
    answer = await ask(`Bearer ${token ?? access ?? ""}`);
  }
  return answer.status === 200 ? (answer.headers.get("docker-content-digest") ?? undefined) : undefined;
}
