export { startDockerDaemon, type DockerDaemonHandle } from "./startDockerDaemon";
