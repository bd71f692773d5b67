import { homedir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./cacheFolder";

test.each([
  [{ XDG_CACHE_HOME: "/var/tmp/c" }, "/var/tmp/c/pulumi-chart-mirror"],
  [{}, join(homedir(), ".cache/pulumi-chart-mirror")],
  [{ XDG_CACHE_HOME: "" }, join(homedir(), ".cache/pulumi-chart-mirror")],
  [{ XDG_CACHE_HOME: "relative" }, join(homedir(), ".cache/pulumi-chart-mirror")],
])("%j → %s", (environment, expected) => expect(cacheFolder(environment)).toBe(expected));
