import { homedir } from "node:os";
import { join, parse } from "node:path";
import { pathSegment } from "../../files/pathSegment";
import { readIfThere } from "../../files/presence";
import { ownValue } from "../../ownKeys";
import { parseHelmYaml } from "../content/helmYaml";
import type { RepositoryOptions } from "./repositoryOptions";
import { isMap } from "../content/valuePaths";

/** Where the `helm` command keeps what `helm repo add` told it. */
export interface HelmHome {
  /** `repositories.yaml`. */
  readonly repositories: string;
  /** Folder with the indexes that `helm repo update` fetched. */
  readonly cache: string;
}

/**
 * Helm's own files, as its environment variables place them
 * ({@link https://helm.sh/docs/helm/helm/}: `HELM_REPOSITORY_CONFIG`, `HELM_REPOSITORY_CACHE`, and the folders of the platform).
 *
 * @param userHome the home of a user whose environment does not tell it
 */
export function helmHome(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  userHome: () => string = homedir,
): HelmHome {
  const home = environment.HOME || environment.USERPROFILE || knownHome(userHome);
  const standard = {
    darwin: { config: join(home, "Library", "Preferences"), cache: join(home, "Library", "Caches") },
    win32: { config: environment.APPDATA ?? home, cache: environment.TEMP ?? home },
  }[platform as "darwin" | "win32"] ?? { config: join(home, ".config"), cache: join(home, ".cache") };
  const config = environment.HELM_CONFIG_HOME ?? join(environment.XDG_CONFIG_HOME ?? standard.config, "helm");
  const cache = environment.HELM_CACHE_HOME ?? join(environment.XDG_CACHE_HOME ?? standard.cache, "helm");
  return {
    repositories: environment.HELM_REPOSITORY_CONFIG ?? join(config, "repositories.yaml"),
    cache: environment.HELM_REPOSITORY_CACHE ?? join(cache, "repository"),
  };
}

/** A user without a home has no repositories; those of a folder that this process happens to work in are not theirs. */
function knownHome(userHome: () => string): string {
  try {
    return userHome();
  } catch {
    return parse(process.cwd()).root;
  }
}

/** A repository that the user added to Helm under a short name. */
export interface NamedRepository {
  readonly name: string;
  readonly options: RepositoryOptions;
}

/** The repositories in Helm's `repositories.yaml`; none when there is no such file. */
export async function namedRepositories(home: HelmHome): Promise<NamedRepository[]> {
  const text = (await readIfThere(home.repositories)) ?? "";
  const content = parseHelmYaml(text);
  const list = isMap(content) && Array.isArray(content.repositories) ? content.repositories : [];
  return list.filter(isMap).flatMap((entry) => {
    const read = (key: string): string | undefined => {
      const value = ownValue(entry, key);
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const name = read("name");
    const url = read("url");
    if (name === undefined || url === undefined) return [];
    const optional = {
      username: read("username"),
      password: read("password"),
      caFile: read("caFile"),
      certFile: read("certFile"),
      keyFile: read("keyFile"),
    };
    const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
    return [{ name, options: { url, ...given, passCredentials: entry.pass_credentials_all === true } }];
  });
}

/** The index that `helm repo update` fetched last, as Helm itself would use it; undefined when there is none. */
export async function cachedIndex(home: HelmHome, repository: string): Promise<string | undefined> {
  return readIfThere(join(home.cache, `${pathSegment(repository, "a chart repository")}-index.yaml`));
}
