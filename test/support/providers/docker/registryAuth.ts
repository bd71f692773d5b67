import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RegistryLogin } from "./dockerApi";

/** One entry of a provider's `registryAuth`. */
export interface RegistryAuthEntry {
  readonly address: string;
  readonly username?: string;
  readonly password?: string;
  readonly configFile?: string;
  readonly configFileContent?: string;
  readonly authDisabled?: boolean;
}

/**
 * The logins of a provider, by host, as the real one makes them of its configuration.
 *
 * @see https://github.com/kreuzwerker/terraform-provider-docker/blob/v4.5.0/internal/provider/provider.go
 */
export function registryLogins(
  entries: readonly RegistryAuthEntry[],
  environment: Readonly<Record<string, string | undefined>>,
): Map<string, RegistryLogin & { readonly serveraddress: string }> {
  return new Map(
    entries.map((entry) => {
      const insecure = entry.address.startsWith("http://");
      const host = entry.address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
      const login = loginOf(entry, host, environment);
      return [host, { ...login, serveraddress: `${insecure ? "http" : "https"}://${host}` }];
    }),
  );
}

function loginOf(
  entry: RegistryAuthEntry,
  host: string,
  environment: Readonly<Record<string, string | undefined>>,
): RegistryLogin {
  if (entry.authDisabled) return { username: "username", password: "password" };
  const username = entry.username ?? environment["DOCKER_REGISTRY_USER"];
  if (username) return { username, password: entry.password ?? environment["DOCKER_REGISTRY_PASS"] ?? "" };
  const file =
    entry.configFile ?? join(environment["DOCKER_CONFIG"] ?? join(environment["HOME"] ?? "", ".docker"), "config.json");
  const content = entry.configFileContent ?? readFileSync(file, "utf8");
  const { auths = {} } = JSON.parse(content) as { auths?: Record<string, { auth?: string }> };
  const [user = "", ...rest] = Buffer.from(auths[host]?.auth ?? "", "base64")
    .toString()
    .split(":");
  return { username: user, password: rest.join(":") };
}
