import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** What a daemon says of an image that it has. */
export interface LocalImage {
  readonly Id: string;
  readonly RepoDigests: readonly string[] | null;
}

/** A login as the API takes it. */
export interface RegistryLogin {
  readonly username?: string;
  readonly password?: string;
  readonly serveraddress?: string;
}

/**
 * The calls of a Docker Engine that the docker provider makes.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/
 */
export class DockerApi {
  private readonly socketPath: string;

  /** @param host `unix:///path/of.sock` */
  constructor(host: string) {
    if (!host.startsWith("unix://")) throw new Error(`the double reaches daemons by a socket, not by ${host}`);
    this.socketPath = host.slice("unix://".length);
  }

  /** Undefined when the daemon does not have it. */
  async image(name: string): Promise<LocalImage | undefined> {
    const { status, body } = await this.send("GET", `/images/${name}/json`);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`inspecting ${name}: ${messageIn(body)}`);
    return JSON.parse(body) as LocalImage;
  }

  async pull(name: string, platform: string, login: RegistryLogin): Promise<void> {
    const [repository, tag] = splitName(name);
    const query = new URLSearchParams({ fromImage: repository, tag, ...(platform !== "" && { platform }) });
    const { status, body } = await this.send("POST", `/images/create?${query.toString()}`, login);
    if (status !== 200) throw new Error(`error pulling image ${name}: ${messageIn(body)}`);
  }

  async tag(name: string, target: string): Promise<void> {
    const [repo, tag] = splitName(target);
    const query = new URLSearchParams({ repo, tag });
    const { status, body } = await this.send("POST", `/images/${name}/tag?${query.toString()}`);
    if (status !== 201) throw new Error(`failed to create docker tag: ${messageIn(body)}`);
  }

  async push(name: string, login: RegistryLogin): Promise<void> {
    const [repository, tag] = splitName(name);
    const query = new URLSearchParams({ tag });
    const { status, body } = await this.send("POST", `/images/${repository}/push?${query.toString()}`, login);
    if (status !== 200) throw new Error(`Error pushing docker image: ${messageIn(body)}`);
    for (const line of body.split("\n").filter(Boolean)) {
      const { error } = JSON.parse(line) as { error?: string };
      if (error !== undefined) throw new Error(`Error pushing docker image: Error pushing image. Full error: ${error}`);
    }
  }

  async remove(name: string, force: boolean): Promise<void> {
    const { status, body } = await this.send("DELETE", `/images/${name}?force=${force ? 1 : 0}`);
    if (status !== 200 && status !== 404) throw new Error(`Unable to remove Docker image: ${messageIn(body)}`);
  }

  private async send(
    method: string,
    path: string,
    login?: RegistryLogin,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const auth = login && Buffer.from(JSON.stringify(login)).toString("base64url");
      request({
        socketPath: this.socketPath,
        method,
        path: `/v1.41${path}`,
        // The daemon demands base64 with padding.
        headers: { Host: "docker", ...(auth !== undefined && { "X-Registry-Auth": padded(auth) }) },
      })
        .on("response", resolve)
        .on("error", reject)
        .end();
    });
    return { status: response.statusCode ?? 0, body: await text(response) };
  }
}

const padded = (base64: string): string => base64.padEnd(Math.ceil(base64.length / 4) * 4, "=");

/** `host:5000/team/app@sha256:…` and `host:5000/team/app:1` as the API wants them: a name, and a tag or a digest. */
export function splitName(name: string): [repository: string, tag: string] {
  const at = name.indexOf("@");
  if (at >= 0) return [name.slice(0, at).replace(/:[^:/]*$/, ""), name.slice(at + 1)];
  const colon = name.indexOf(":", name.lastIndexOf("/"));
  return colon < 0 ? [name, "latest"] : [name.slice(0, colon), name.slice(colon + 1)];
}

function messageIn(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body;
  }
}
