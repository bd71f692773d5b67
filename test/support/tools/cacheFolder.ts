import { homedir } from "node:os";
import { join } from "node:path";

/** The folder that holds everything the tests install: they never touch the system or the checkout. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  // The specification says that a relative path is invalid and must be ignored.
  // https://specifications.freedesktop.org/basedir-spec/latest/#basics
  const xdg = environment["XDG_CACHE_HOME"];
  return join(xdg?.startsWith("/") ? xdg : join(homedir(), ".cache"), "pulumi-chart-mirror");
}
