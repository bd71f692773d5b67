import { channel } from "node:diagnostics_channel";
import { posix } from "node:path";
import { canonicalHost, DEFAULT_REGISTRY } from "../../image/reference";
import { parseJson, withoutByteOrderMark } from "../../json";
import { ownValue } from "../../ownKeys";
import type { Credentials, Keychain } from "./credentials";
import type { Traces } from "../../tracing";

const logins = channel("chart-mirror:login" satisfies keyof Traces);

/** Loaded with the first login. */
const loadCredentials = () => require("./credentials") as typeof import("./credentials");
/** Loaded with the first failure of a helper. */
const credentialHelper = () => require("./credentialHelper") as typeof import("./credentialHelper");
/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

/** What the keychain needs of the machine. */
export interface DockerConfigOptions {
  /**
   * `DOCKER_AUTH_CONFIG`, `DOCKER_CONFIG`, `HOME` (`USERPROFILE` on Windows), `REGISTRY_AUTH_FILE`, `XDG_RUNTIME_DIR` and
   * `XDG_CONFIG_HOME` are read.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Number of this user on Linux: podman's file is named for it where `XDG_RUNTIME_DIR` is not set. */
  readonly userId?: number;
  /** The text of a file; undefined when there is none. */
  readonly readFile: (path: string) => Promise<string | undefined>;
  /** Runs `docker-credential-NAME get`; undefined when it knows no credentials. */
  readonly askHelper: (name: string, server: string) => Promise<{ username: string; secret: string } | undefined>;
  /** Told once of each helper that is not installed: images that need no login can be had without it. */
  readonly onMissingHelper?: (message: string) => void;
}

interface AuthEntry {
  auth?: unknown;
  username?: unknown;
  password?: unknown;
  identitytoken?: unknown;
  registrytoken?: unknown;
}
interface ConfigFile {
  auths?: Record<string, AuthEntry | null>;
  credHelpers?: Record<string, unknown>;
  credsStore?: unknown;
}

/** What the files call Docker Hub, the name that `docker login` writes first. */
const DOCKER_HUB_KEYS = ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"];

/**
 * The files that hold logins, first wins: the one that `REGISTRY_AUTH_FILE` names, Docker's, then podman's
 * ({@link https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md}).
 */
export function configFiles(environment: DockerConfigOptions["environment"], userId?: number): string[] {
  const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = environment;
  const home = environment.HOME || environment.USERPROFILE;
  const docker = DOCKER_CONFIG || (home && posix.join(home, ".docker"));
  const config = XDG_CONFIG_HOME || (home && posix.join(home, ".config"));
  const runtime = XDG_RUNTIME_DIR
    ? posix.join(XDG_RUNTIME_DIR, "containers")
    : userId !== undefined && `/run/containers/${userId}`;
  return [
    REGISTRY_AUTH_FILE,
    docker && posix.join(docker, "config.json"),
    runtime && posix.join(runtime, "auth.json"),
    config && posix.join(config, "containers", "auth.json"),
  ].filter((path): path is string => Boolean(path));
}

/**
 * The logins of `docker login` and `podman login`, and of credential helpers that those files name; before them those of
 * `DOCKER_AUTH_CONFIG`, which holds such a file's text
 * ({@link https://docs.docker.com/reference/cli/docker/#environment-variables}).
 *
 * Files are read on every question, since a login may be renewed while this process runs.
 */
export function dockerKeychain(options: DockerConfigOptions): Keychain {
  const asked = sharedWhileAsked(options.askHelper);
  const readConfig = sharedWhileAsked(async (path, name) => configIn(name, await options.readFile(path)));
  const missing = new Set<string>();
  const askHelperOf =
    (file: string): AskHelper =>
    async (name, server) => {
      try {
        return await asked(name, server);
      } catch (error) {
        if (!(error instanceof credentialHelper().HelperMissingError)) throw error;
        if (!missing.has(name))
          options.onMissingHelper?.(
            `The credential helper docker-credential-${name}, which the ${file} names, is not on the PATH: registries are asked without the logins that it keeps`,
          );
        missing.add(name);
        return undefined;
      }
    };
  return {
    async credentialsFor(host, repository) {
      const { environment, userId } = options;
      const variable = "DOCKER_AUTH_CONFIG";
      const without: string[] = [];
      for (const path of [variable, ...configFiles(environment, userId)]) {
        const name = path === variable ? `environment variable ${path}` : `login file ${path}`;
        const config = path === variable ? configIn(name, environment[variable]) : await readConfig(path, name);
        if (typeof config === "string") {
          if (path !== variable) without.push(`${name} (${config})`);
          continue;
        }
        const found = await credentialsIn(config, host, repository, askHelperOf(name));
        if (found) {
          tell(host, `${found.from} the ${name}`, without);
          return found.credentials;
        }
        without.push(name);
      }
      tell(host, undefined, without);
      return undefined;
    },
  };
}

function tell(host: string, from: string | undefined, without: readonly string[]): void {
  if (logins.hasSubscribers) logins.publish({ host, from, without } satisfies Traces["chart-mirror:login"]);
}

type AskHelper = DockerConfigOptions["askHelper"];

interface Found {
  readonly credentials: Credentials;
  /** Who has it, before the name of the file: `helper x of`. */
  readonly from: string;
}

/** Many images of one registry are looked up at once, and a helper may take a second of a whole core. */
function sharedWhileAsked<A extends string[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (...args) => {
    const key = JSON.stringify(args);
    let answer = asked.get(key);
    if (!answer) asked.set(key, (answer = ask(...args).finally(() => asked.delete(key))));
    return answer;
  };
}

function configIn(name: string, text: string | undefined): ConfigFile | "not there" | "empty" {
  if (text === undefined) return "not there";
  // Docker and podman take an empty file for one without logins.
  if (text.trim() === "") return "empty";
  try {
    const config: unknown = parseJson(withoutByteOrderMark(text));
    if (typeof config === "object" && config !== null && !Array.isArray(config)) return config;
  } catch {
    // Told below: the parser's message would quote the file, and with it secrets.
  }
  throw new (errors().CredentialsError)(`The ${name} is not a JSON object`, "Repair it, or log in again");
}

async function credentialsIn(
  config: ConfigFile,
  host: string,
  repository: string | undefined,
  askHelper: AskHelper,
): Promise<Found | undefined> {
  const byHelper = async (helper: string, server: string): Promise<Found | undefined> => {
    const answer = await askHelper(helper, server);
    if (!answer) return undefined;
    const credentials = loadCredentials().fromUserAndPassword(answer.username, answer.secret);
    return { credentials, from: `docker-credential-${helper}, for ${server} in` };
  };
  const servers = serversOf(config, host);
  // Docker's order: a helper for the registry, the store for all, the file (docker/cli configfile.GetCredentialsStore).
  for (const server of servers)
    for (const helper of helpersFor(config, server)) {
      const found = await byHelper(helper, server);
      if (found) return found;
    }
  if (typeof config.credsStore === "string" && config.credsStore) {
    for (const server of servers) {
      const found = await byHelper(config.credsStore, server);
      if (found) return found;
    }
  }
  const entries = Object.entries(config.auths ?? {}).filter(([key]) => !DOCKER_TOKEN.test(key));
  for (const name of candidateNames(servers, repository)) {
    // The same name may stand there in several forms; Docker prefers the one that it was asked for.
    const exact = [...servers, name].flatMap((wanted) => entries.filter(([key]) => key === wanted));
    for (const [key, entry] of [...exact, ...entries]) {
      const found = serverName(key) === name && entryCredentials(entry, name);
      if (found) return { credentials: found, from: `the entry ${name} in` };
    }
  }
  return undefined;
}

/** A helper's key is a host; whoever writes files by hand writes it as in `auths`. */
function helpersFor({ credHelpers }: ConfigFile, server: string): string[] {
  const keys = Object.keys(credHelpers ?? {}).filter((key) => key !== server && serverName(key) === server);
  return [server, ...keys]
    .map((key) => ownValue(credHelpers, key))
    .filter((helper): helper is string => typeof helper === "string" && helper !== "");
}

/** What the file calls a registry: by its name first, then as whoever logged in spelled it, such as `quay.io:443`. */
function serversOf({ auths, credHelpers }: ConfigFile, host: string): readonly string[] {
  const written = [...Object.keys(auths ?? {}), ...Object.keys(credHelpers ?? {})].map(serverName);
  const known = host === DEFAULT_REGISTRY ? DOCKER_HUB_KEYS : [host];
  // Podman's keys may name a namespace behind the host.
  const hosts = written.map((name) => name.split("/", 1)[0] ?? "");
  return [...new Set([...known, ...hosts.filter((name) => canonicalHost(name) === host)])];
}

/** What `docker login` keeps for itself beside a login with a browser. */
const DOCKER_TOKEN = /\/(?:access|refresh)-token$/;

/**
 * Keys are hosts, URLs of hosts (`https://host/v1/`; their path says nothing), or, for podman, namespaces in a host.
 */
const serverName = (key: string): string =>
  key
    .replace(/^https?:\/\/([^/]*)(?:\/.*)?$/s, "$1")
    .replace(/\/v[12]\/?$/, "")
    .replace(/\/$/, "");

/** The most specific name first: `host/a/b`, `host/a`, `host`. */
function candidateNames(servers: readonly string[], repository: string | undefined): string[] {
  const segments = repository?.split("/") ?? [];
  const hosts = servers.map(serverName);
  const namespaces = segments.flatMap((_, i) =>
    hosts.map((host) => [host, ...segments.slice(0, segments.length - i)].join("/")),
  );
  return [...namespaces, ...hosts];
}

function entryCredentials(entry: AuthEntry | null | undefined, name: string): Credentials | undefined {
  if (!entry) return undefined;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const registryToken = text(entry.registrytoken).trim();
  if (registryToken) return { kind: "registryToken", token: registryToken };
  let username = text(entry.username);
  let password = text(entry.password);
  if (text(entry.auth)) {
    const decoded = Buffer.from(text(entry.auth), "base64").toString("utf8");
    const colon = decoded.indexOf(":");
    if (colon < 0)
      throw new (errors().CredentialsError)(
        `The login for ${name} is not of the form user:password`,
        `Log in to ${name} again`,
      );
    username = decoded.slice(0, colon);
    // Old versions of docker login padded with NUL.
    password = decoded.slice(colon + 1).replace(/(?<!\0)\0+$/, "");
  }
  if (text(entry.identitytoken))
    return { kind: "identityToken", token: text(entry.identitytoken), ...(username && { username }) };
  return username || password ? loadCredentials().fromUserAndPassword(username, password) : undefined;
}
