import { parseJson } from "../json";
import { answerPace } from "../oci/transport/answerPace";
import type { Clock } from "../oci/transport/clock";
import { decodedBody } from "../oci/transport/contentEncoding";
import { BodyTooLargeError, readBody, type HttpTransport } from "../oci/transport/http";
import { IdleTimeoutError } from "../oci/transport/idleTimeout";
import { isPassingStatus } from "../oci/transport/passingStatus";
import { parseRetryAfter, RetryableFailure, type Retrier } from "../oci/transport/retry";
import { ownValue } from "../ownKeys";
import {
  AzureLoginError,
  AzurePermissionError,
  AzureRequestError,
  azureUnreachable,
  type ArmProblem,
} from "./resourceManagerErrors";

/** How to reach Resource Manager for one registry. */
export interface ResourceManagerAccess {
  /** `https://management.azure.com`. */
  readonly url: string;
  /** Of the registry: `/subscriptions/…/registries/NAME`. */
  readonly registryId: string;
  /** A Microsoft Entra token for Resource Manager. */
  readonly accessToken: string;
}

/** What requests need besides the access; one for a process, so that a pause that Azure asks for holds for all. */
export interface ResourceManagerDependencies {
  readonly transport: Pick<HttpTransport, "open">;
  readonly retrier: Retrier;
  readonly clock: Clock;
  /** How long an answer may take to come, in milliseconds. Default: a minute. */
  readonly silenceMs?: number;
}

/** An action on a registry. */
export interface RegistryAction {
  /** `importImage`. */
  readonly name: string;
  /** A built-in role that may do it, for errors. */
  readonly role: string;
  /** In words, for errors: `Importing nginx`. */
  readonly doing: string;
  /** Texts in the body that no error may show. */
  readonly secrets?: readonly string[];
}

/** The version of the API that has the actions. */
const API_VERSION = "2025-04-01";
const LARGEST_ANSWER = 1024 * 1024;
const SILENCE_MS = 60_000;
/** Between questions for an operation's end, where Azure names no time. */
const POLL_MS = 5_000;
/** Longer than the largest images need. */
const LONGEST_OPERATION_MS = 3 * 3600_000;

/** TLS settings: the system's. One object, since connections are kept by it. */
const TLS = {};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * Does an action on a registry, and waits until it has ended.
 *
 * @returns the JSON of the answer; undefined when it has none
 * @throws {AzureRequestError} or one of its kinds when Azure refuses it
 * @see https://github.com/microsoft/api-guidelines/blob/vNext/azure/ConsiderationsForServiceDesign.md#long-running-operations
 */
export async function registryAction(
  access: ResourceManagerAccess,
  action: RegistryAction,
  body: object,
  dependencies: ResourceManagerDependencies,
): Promise<unknown> {
  const { clock } = dependencies;
  const start = new URL(`${access.registryId}/${action.name}?api-version=${API_VERSION}`, access.url);
  const deadline = clock.now() + LONGEST_OPERATION_MS;
  let answer = await ask("POST", start, JSON.stringify(body), access, action, dependencies);
  for (let location = start; answer.status === 202;) {
    const next = answer.headers["location"];
    // Later answers may leave it out: the place stays.
    if (typeof next === "string") location = trustedLocation(next, location, access, action);
    else if (location === start)
      throw azureUnreachable(action.doing, start.host, "accepted it without telling where its end can be seen");
    if (clock.now() > deadline) throw azureUnreachable(action.doing, start.host, "had not ended it after three hours");
    await clock.sleep(parseRetryAfter(headerText(answer, "retry-after"), clock.date()) ?? POLL_MS);
    answer = await ask("GET", location, undefined, access, action, dependencies);
  }
  return answer.body.length > 0 ? parse(answer.body) : undefined;
}

/**
 * Reads what is in a registry.
 *
 * @param action `name` is the kind that is listed
 * @returns the JSON of the answer
 * @throws {AzureRequestError} or one of its kinds when Azure refuses it
 */
export async function askResourceManager(
  access: ResourceManagerAccess,
  action: RegistryAction,
  dependencies: ResourceManagerDependencies,
): Promise<unknown> {
  const url = new URL(`${access.registryId}/${action.name}?api-version=${API_VERSION}`, access.url);
  return parse((await ask("GET", url, undefined, access, action, dependencies)).body);
}

async function ask(
  method: string,
  url: URL,
  body: string | undefined,
  access: ResourceManagerAccess,
  action: RegistryAction,
  { transport, retrier, clock, silenceMs = SILENCE_MS }: ResourceManagerDependencies,
): Promise<Answer> {
  return retrier.run(action.doing, async () => {
    await retrier.ready(url.host);
    const answer = await send(method, url, body, access, transport, silenceMs).catch((error: unknown) => {
      throw connectionFailure(error as Error, url, action);
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const failure = failureOf(answer, access, action);
    const pauseMs = parseRetryAfter(headerText(answer, "retry-after"), clock.date());
    const pause = pauseMs === undefined ? {} : { pauseMs };
    if (answer.status === 429) throw new RetryableFailure(url.host, failure, { ...pause, throttled: true });
    if (isPassingStatus(answer.status)) throw new RetryableFailure(url.host, failure, pause);
    throw failure;
  });
}

async function send(
  method: string,
  url: URL,
  body: string | undefined,
  { accessToken }: ResourceManagerAccess,
  transport: Pick<HttpTransport, "open">,
  idleTimeout: number,
): Promise<Answer> {
  const headers = {
    Authorization: `Bearer ${accessToken}`,
    Accept: "application/json",
    ...(body !== undefined && { "Content-Type": "application/json" }),
  };
  const { response } = transport.open({ method, url, headers, tls: TLS, body: body ?? "", idleTimeout });
  const answer = await response;
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: await readBody(decodedBody(answer), LARGEST_ANSWER, "fail", answerPace(idleTimeout)),
  };
}

function connectionFailure(error: Error, { host }: URL, { doing }: RegistryAction): Error {
  if (error instanceof BodyTooLargeError) return azureUnreachable(doing, host, "answers too much");
  const code = (error as NodeJS.ErrnoException).code;
  const reason =
    error instanceof IdleTimeoutError
      ? "keeps silent"
      : `cannot be reached${code ? ` (${code})` : `: ${error.message}`}`;
  return new RetryableFailure(host, azureUnreachable(doing, host, reason, { cause: error }));
}

function failureOf(answer: Answer, access: ResourceManagerAccess, action: RegistryAction): AzureRequestError {
  const { status } = answer;
  const problem = problemIn(answer.body, [access.accessToken, ...(action.secrets ?? [])]);
  // An operation may end with what another service answered: an import with the 401 of its source.
  if (status === 401 && (problem.code === "" || problem.code.includes("Authentication")))
    return new AzureLoginError(action.doing, status, problem);
  if (status === 403 && /^(?:AuthorizationFailed|LinkedAuthorizationFailed|)$/.test(problem.code)) {
    const permission = `Microsoft.ContainerRegistry/registries/${action.name}/action`;
    return new AzurePermissionError(action.doing, status, problem, permission, access.registryId, action.role);
  }
  return new AzureRequestError(action.doing, status, problem);
}

/** `{"error": {"code", "message"}}` of an answer, or of an operation that failed. */
function problemIn(body: Buffer, secrets: readonly string[]): ArmProblem {
  const fields = parse(body) as { error?: { code?: unknown; message?: unknown } } | undefined;
  const clean = (value: unknown): string => {
    const text = secrets.reduce(
      (rest, secret) => rest.split(secret).join("***"),
      typeof value === "string" ? value : "",
    );
    // eslint-disable-next-line no-control-regex -- a terminal must not obey what a service writes
    return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, 500);
  };
  return { code: clean(fields?.error?.code), message: clean(fields?.error?.message) };
}

function parse(body: Buffer): unknown {
  try {
    return parseJson(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The token goes to Resource Manager alone, in whatever region. */
function trustedLocation(text: string, from: URL, { url }: ResourceManagerAccess, action: RegistryAction): URL {
  const home = new URL(url);
  try {
    const location = new URL(text, from);
    const { protocol, host } = location;
    if (protocol === home.protocol && (host === home.host || host.endsWith(`.${home.host}`))) return location;
  } catch {
    // Told below.
  }
  throw azureUnreachable(action.doing, home.host, "names a place outside of itself for the operation's end");
}

function headerText({ headers }: Answer, name: string): string | undefined {
  const value = ownValue(headers, name);
  return typeof value === "string" ? value : undefined;
}
