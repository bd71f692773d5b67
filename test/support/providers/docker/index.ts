import type { DockerDaemonHandle } from "../../docker";
import type { ProviderDouble } from "../../engine";

/**
 * The `docker` provider double over the API of a real daemon.
 *
 * @example
 * const daemon = await startDockerDaemon();
 * const project = await createProject({ program, providers: [dockerOn(daemon)] });
 */
export function dockerOn(daemon: Pick<DockerDaemonHandle, "host">): ProviderDouble {
  return { folder: __dirname, env: { DOCKER_HOST: daemon.host } };
}
