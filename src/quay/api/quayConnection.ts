import { parseJson, type Json } from "../../json";
import { answerPace } from "../../oci/transport/answerPace";
import { systemClock, type Clock, type Random } from "../../oci/transport/clock";
import { connectionFailure } from "../../oci/transport/failure";
import { decodedBody } from "../../oci/transport/contentEncoding";
import { HttpTransport, readBody } from "../../oci/transport/http";
import type { ProxyEnvironment } from "../../oci/transport/httpProxy";
import { isPassingStatus, isUndoneStatus } from "../../oci/transport/passingStatus";
import type { RegistryEvent } from "../../oci/transport/registryEvent";
import { DEFAULT_RETRY, parseRetryAfter, Retrier, RetryableFailure, type RetryPolicy } from "../../oci/transport/retry";
import { withoutPrototype } from "../../ownKeys";
import type { QuayAccess, QuayScope } from "./quayAccess";
import { QuayError, QuayPermissionError, QuayRefusedError, QuayTokenRefusedError } from "./quayErrors";

/** What a connection needs from outside. */
export interface QuayConnectionOptions {
  /** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are read. Default: no proxy. */
  readonly environment?: ProxyEnvironment;
  readonly retry?: Partial<RetryPolicy>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told of retries and of pauses that Quay asks for. */
  readonly onEvent?: (event: RegistryEvent) => void;
}

/** A request to Quay's API. */
export interface QuayRequest {
  /** As it stands in a sentence of an error: `creating organization team`. */
  readonly doing: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Behind `/api/v1/`; each segment is escaped. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** What the token needs for it. */
  readonly scope: QuayScope;
  /** Texts of the body that no error may repeat, since Quay repeats what it refuses. */
  readonly secrets?: readonly string[];
  /** Statuses beside success that the caller understands. */
  readonly expect?: readonly number[];
}

/** An answer of Quay's API. */
export interface QuayAnswer {
  readonly status: number;
  readonly body: unknown;
}

const IDLE_MS = 60_000;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * Requests to the API of one Quay
 * ({@link https://docs.quay.io/api/swagger/}, {@link https://github.com/quay/quay/tree/master/endpoints/api}).
 *
 * The token goes to its host alone: redirects are not followed.
 */
export class QuayConnection {
  private readonly transport: HttpTransport;
  private readonly retrier: Retrier;
  private readonly clock: Clock;
  // Private to JavaScript itself, so that whoever prints a connection does not see the token.
  readonly #access: QuayAccess;
  private readonly tls: { caCertificates?: readonly string[] };

  constructor(
    access: QuayAccess,
    { environment = {}, retry, clock = systemClock, random = Math.random, onEvent }: QuayConnectionOptions = {},
  ) {
    this.#access = withoutPrototype(access);
    this.transport = new HttpTransport(environment);
    this.clock = clock;
    this.retrier = new Retrier(clock, random, { ...DEFAULT_RETRY, ...retry }, onEvent ?? (() => undefined));
    this.tls = access.caCertificates ? { caCertificates: access.caCertificates } : {};
  }

  get host(): string {
    return this.#access.host;
  }

  /**
   * Sends a request and reads its answer; retries what may pass and is safe to do again.
   *
   * @throws {QuayTokenRefusedError} {@link QuayPermissionError} {@link QuayRefusedError}, and the errors of a connection
   */
  send(request: QuayRequest): Promise<QuayAnswer> {
    return this.retrier.run(request.doing, async () => {
      await this.retrier.ready(this.host);
      return this.sendOnce(request);
    });
  }

  /** Closes idle connections. */
  close(): void {
    this.transport.close();
  }

  private async sendOnce(request: QuayRequest): Promise<QuayAnswer> {
    const { response } = this.transport.open({
      method: request.method,
      url: this.url(request),
      headers: {
        Authorization: `Bearer ${this.#access.token}`,
        Accept: "application/json",
        ...(request.body !== undefined && { "Content-Type": "application/json" }),
      },
      tls: this.tls,
      body: request.body === undefined ? "" : JSON.stringify(request.body),
      idleTimeout: IDLE_MS,
    });
    try {
      const answer = await response;
      const status = answer.statusCode ?? 0;
      const body = parse(await readBody(decodedBody(answer), MAX_BODY_BYTES, "fail", answerPace(IDLE_MS)));
      if ((status >= 200 && status < 300) || request.expect?.includes(status)) return { status, body };
      throw this.failure(request, status, answer.headers, body);
    } catch (error) {
      if (error instanceof RetryableFailure || error instanceof QuayError) throw error;
      throw this.broken(request, error as Error);
    }
  }

  private url({ path, query = {} }: QuayRequest): URL {
    const { host, plainHttp } = this.#access;
    const segments = ["api", "v1", ...path].map((segment) => encodeURIComponent(segment));
    // The list of organizations has a slash at its end, which an empty last segment makes.
    const url = new URL(`${plainHttp ? "http" : "https"}://${host}/${segments.join("/")}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  private failure(
    { doing, method, scope, secrets = [] }: QuayRequest,
    status: number,
    headers: { "retry-after"?: string | undefined; location?: string | undefined },
    body: unknown,
  ): Error {
    const reason = this.reason(body, secrets);
    const error = new QuayRefusedError(this.host, doing, status, reason);
    const pauseMs = parseRetryAfter(headers["retry-after"], this.clock.date());
    const pause = pauseMs === undefined ? {} : { pauseMs };
    if (status === 429) return new RetryableFailure(this.host, error, { ...pause, throttled: true });
    // A Quay's own failure (500) is told at once: it is none of a proxy before it.
    const isSafe = method === "GET" || method === "DELETE";
    if (status !== 500 && (isSafe ? isPassingStatus(status) : isUndoneStatus(status)))
      return new RetryableFailure(this.host, error, pause);
    if (status === 401) return new QuayTokenRefusedError(this.host, doing, reason);
    if (status === 403) return new QuayPermissionError(this.host, doing, scope);
    if (status >= 300 && status < 400) return new QuayRefusedError(this.host, doing, status, redirected(headers));
    return error;
  }

  /** A request that may have arrived is not sent again unless it does no harm. */
  private broken({ doing, method }: QuayRequest, error: Error): Error {
    const context = { registry: this.host, place: this.host, user: undefined, doing, scrub: (text: string) => text };
    const failure = connectionFailure(context, this.host, error, IDLE_MS);
    if (!(failure instanceof RetryableFailure)) return failure;
    const repeatable =
      method === "GET" || method === "DELETE" || (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
    return repeatable ? failure : failure.error;
  }

  /** What Quay says of a refusal, in one line, without secrets: its checks repeat the request. */
  private reason(body: unknown, secrets: readonly string[]): string {
    const { detail, message, error_message, error_description } = (
      typeof body === "object" && body !== null ? body : {}
    ) as Record<string, unknown>;
    const text = [detail, message, error_message, error_description].find((value) => typeof value === "string") ?? "";
    // Every line of a secret by itself, as a JSON key has many; what is short is no secret by itself.
    const hidden = [this.#access.token, ...secrets].flatMap((secret) => [secret, ...secret.split(/\r?\n|\\n/)]);
    const [line = ""] = text.split("\n");
    return hidden
      .filter((secret) => secret.trim().length >= 6)
      .reduce((said, secret) => said.split(secret).join("[secret]"), line)
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ") // eslint-disable-line no-control-regex -- a terminal must not obey
      .trim()
      .slice(0, 300);
  }
}

function redirected({ location }: { location?: string | undefined }): string {
  const to = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).host}` : "";
  return `it redirects${to}, where the token is not sent`;
}

function parse(body: Buffer): unknown {
  try {
    return parseJson(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
