import { MirrorError } from "../error";
import { DEFAULT_REGISTRY } from "../image/reference";
import { isMap, parseJson } from "../json";
import { byKey } from "../textOrder";

/** Login of one registry, as a docker config has it. */
export interface DockerLogin {
  /** `host[:port]`, without scheme and path. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

/** Data of a Secret: base64 texts by their keys. */
export type SecretData = Readonly<Record<string, string>>;

/** Type of a Secret that kubelets take logins from. */
export const DOCKER_CONFIG_TYPE = "kubernetes.io/dockerconfigjson";
/** Key of a Secret of {@link DOCKER_CONFIG_TYPE}. */
export const DOCKER_CONFIG_KEY = ".dockerconfigjson";
/** Key of the older type `kubernetes.io/dockercfg`, which OpenShift still makes. */
const DOCKERCFG_KEY = ".dockercfg";
/** Docker Hub's historic key, the one that every client looks for. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

/** The Secret without any login, in the one form that the API server accepts. */
export const NO_LOGINS = encode({ auths: {} });

/** A Secret whose logins are to be taken over has none that can be read. `code` is `NOT_A_PULL_SECRET`. */
export function notAPullSecret(secret: string): MirrorError {
  return new MirrorError(
    "NOT_A_PULL_SECRET",
    `Reading the logins of Secret ${secret}: it holds no docker config`,
    "Name a Secret of type kubernetes.io/dockerconfigjson, as kubectl create secret docker-registry makes it",
  );
}

/** A part of a docker config: one entry for each host, in an order that does not depend on the program's. */
export type DockerAuths = Readonly<Record<string, unknown>>;

/** The entries of these logins, as `kubectl create secret docker-registry` writes them. */
export function dockerAuths(logins: readonly DockerLogin[]): DockerAuths {
  return sorted(
    logins.map(({ host, username, password }) => [
      host === DEFAULT_REGISTRY ? DOCKER_HUB_KEY : host,
      { username, password, auth: Buffer.from(`${username}:${password}`).toString("base64") },
    ]),
  );
}

/**
 * The base64 text of a docker config with these logins.
 *
 * @param others entries of other Secrets; a login of the same host replaces them
 */
export function dockerConfigJson(logins: readonly DockerLogin[], others: readonly DockerAuths[] = []): string {
  return encode({ auths: sorted([...others, dockerAuths(logins)].flatMap((auths) => Object.entries(auths))) });
}

/**
 * The entries that a Secret of either type holds.
 *
 * @param secret its name, for the error
 * @throws {MirrorError} `NOT_A_PULL_SECRET`
 */
export function authsOfSecret(secret: string, data: SecretData): DockerAuths {
  const whole = parse(data[DOCKER_CONFIG_KEY]);
  const auths = isMap(whole) ? (whole["auths"] ?? {}) : parse(data[DOCKERCFG_KEY]);
  if (!isMap(auths)) throw notAPullSecret(secret);
  return auths;
}

function parse(base64: string | undefined): unknown {
  try {
    return parseJson(Buffer.from(base64 ?? "", "base64").toString("utf8"));
  } catch {
    // What the parser would quote is a secret.
    return undefined;
  }
}

function encode(config: unknown): string {
  return Buffer.from(JSON.stringify(config)).toString("base64");
}

function sorted(entries: readonly (readonly [string, unknown])[]): DockerAuths {
  return Object.fromEntries([...new Map(entries)].sort(byKey));
}
