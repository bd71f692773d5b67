import { withAdmission, type Admission } from "./admission";
import { RegistryLogin, mayCarryCredentials, type CredentialSource } from "../auth/login";
import type { AskTokenService } from "../auth/tokenService";
import type { Clock } from "../transport/clock";
import { followLocation, type Endpoint } from "../transport/endpoint";
import type { ApiErrors } from "../transport/failure";
import { ERROR_BODY_BYTES, type HttpExchange, type HttpResponse } from "../transport/http";
import { registryProfile } from "../profiles/registryProfiles";
import { RetryableFailure } from "../transport/retry";
import type { HostRates, SentRequest } from "./hostRate";
import { RegistryConnection, type ConnectionOptions } from "./registryConnection";
import type { RegistryAnswer, RegistryRequest } from "./registryRequest";
import { requestKind } from "./requestKind";
import { RequestTurns } from "./requestTurns";

/**
 * Loaded with the first answer that is no success, the first login and the first connection that breaks. Most runs find every image in
 * place, and meet none of it (`npm run bench`, warm).
 */
const load = {
  errors: () => require("../errors/errors") as typeof import("../errors/errors"),
  tokenService: () => require("./tokenServiceRequests") as typeof import("./tokenServiceRequests"),
  failure: () => require("../transport/failure") as typeof import("../transport/failure"),
};

export interface SessionOptions extends Admission, ConnectionOptions {
  readonly credentials: CredentialSource;
  readonly tokenServices: readonly string[];
  readonly rates: HostRates;
  readonly clock: Clock;
}

const MAX_REDIRECTS = 6;
const MAX_RENEWALS = 6;

/** Requests to one registry: with its login, its limits, its retries; credentials go to its own origin alone. */
export class RegistrySession {
  // Private to JavaScript itself: the options hold keys, and whoever prints a session is to see none.
  readonly #options: SessionOptions;
  private readonly login: RegistryLogin;
  private readonly connection: RegistryConnection;
  private readonly turns: RequestTurns;

  constructor(options: SessionOptions) {
    this.#options = options;
    const ask: AskTokenService = (request) => load.tokenService().askTokenService(this.connection, request);
    const login = new RegistryLogin({ ...options, ask });
    this.connection = new RegistryConnection(options, login);
    this.login = login;
    const { retrier, clock } = options;
    const rate = options.rates.at(this.registry, registryProfile(this.endpoint.kind).limitsByKind);
    this.turns = new RequestTurns({ host: this.registry, rate, retrier, clock });
  }

  get endpoint(): Endpoint {
    return this.#options.endpoint;
  }

  private get plainHttp(): boolean {
    return this.endpoint.origin.protocol === "http:";
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get registry(): string {
    return this.endpoint.registry;
  }

  /** What errors call it. */
  get place(): string {
    return this.endpoint.place;
  }

  /** Sends a small request and reads its answer; retries what may pass. */
  send(request: RegistryRequest, bodyLimit = ERROR_BODY_BYTES): Promise<RegistryAnswer> {
    this.login.lookUp(request.permission);
    return this.#options.retrier.run(request.doing, () =>
      withAdmission(this.#options, [{ host: this.registry, kind: "requests" }], () =>
        this.sendOnce(request, bodyLimit),
      ),
    );
  }

  /** Like {@link send}, but tries once, and takes no place among the host's requests: for parts of a transfer. */
  async sendOnce(request: RegistryRequest, bodyLimit = ERROR_BODY_BYTES): Promise<RegistryAnswer> {
    const { response, url, sent } = await this.open(request);
    const body = await this.connection.read(request, url, response, bodyLimit);
    const status = response.statusCode ?? 0;
    // A limited rate is no answer to the request, whatever its status; neither is what a port with TLS says.
    if (status >= 400) {
      const failure = await this.failed(request, url, status, response.headers, body, sent);
      if (failure instanceof load.errors().TlsExpectedError) throw failure;
      if (failure instanceof RetryableFailure && failure.options.throttled) throw failure;
    }
    return { status, headers: response.headers, body, url };
  }

  /**
   * Sends a request and leaves the body of its answer to be streamed; tries once.
   *
   * @throws {RetryableFailure} for what may pass.
   */
  async open(request: RegistryRequest): Promise<{ response: HttpResponse; url: URL; sent: SentRequest | undefined }> {
    let url = this.resolve(request.url);
    let redirects = 0;
    let renewals = 0;
    // Whoever points to a place may be a store in place of the registry.
    let isOutside = false;
    let toTls: URL | undefined;
    for (;;) {
      const { exchange, authorization, sent } = await this.exchange(request, url, request.body ?? "", isOutside);
      const response = await this.connection.answer(request, url, exchange);
      const status = response.statusCode ?? 0;
      if (request.expect.includes(status)) return { response, url, sent };
      const body = await this.connection.read(request, url, response);
      const isRedirect = status >= 301 && status <= 308 && response.headers.location !== undefined;
      if (isRedirect && (request.method === "GET" || request.method === "HEAD" || status >= 307)) {
        isOutside ||= this.connection.isFromOutside(exchange);
        toTls ??= this.tlsRedirect(url, response.headers.location);
        // What writes needs the login, which does not go to another origin.
        if (toTls && request.method !== "GET" && request.method !== "HEAD") throw this.wantsTls(toTls);
        url = followLocation(this.endpoint, url, response.headers.location);
        if (++redirects > MAX_REDIRECTS)
          throw new (load.errors().LocationRefusedError)(
            this.place,
            url.host,
            `it is the ${redirects}th redirect in a row`,
          );
      } else if (status === 401 && mayCarryCredentials(this.endpoint, url) && renewals < MAX_RENEWALS) {
        const challenge = response.headers["www-authenticate"];
        await this.login.challenged(request.permission, authorization, challenge, renewals++, request.doing);
      } else if (status === 403 && renewals === 0 && (await this.login.hasOther(request.permission, authorization))) {
        renewals++;
      } else {
        toTls ??= this.tlsRedirect(url, response.headers.location);
        if (toTls && (status < 400 || status === 401)) throw this.wantsTls(toTls);
        const failure = await this.failed(request, url, status, response.headers, body, sent);
        throw status === 403 ? await this.refusedLogin(request, authorization, failure) : failure;
      }
    }
  }

  /** Where a registry that was spoken to in plain http points to itself with TLS. */
  private tlsRedirect(from: URL, location: string | undefined): URL | undefined {
    if (!this.plainHttp || !location || !URL.canParse(location, from.href)) return undefined;
    const to = new URL(location, from);
    return to.protocol === "https:" && to.hostname === from.hostname ? to : undefined;
  }

  private wantsTls({ origin }: URL): Error {
    return new (load.errors().TlsExpectedError)(this.place, `it redirects to ${origin}`);
  }

  /** Whether a 403 was about the login or about this request: the API's root tells, since everyone may ask for it. */
  private async refusedLogin(
    request: RegistryRequest,
    authorization: string | undefined,
    failure: Error,
  ): Promise<Error> {
    if (!authorization?.startsWith("Basic ")) return failure;
    const url = this.resolve("");
    const ping = { ...request, method: "GET" as const, url };
    const { sink, response } = this.#options.transport.open({
      method: "GET",
      url,
      headers: { Authorization: authorization },
      tls: this.endpoint.tls,
      body: "",
      idleTimeout: this.#options.stallTimeoutMs,
    });
    try {
      const answer = await response;
      await this.connection.read(ping, url, answer);
      if (answer.statusCode !== 401 && answer.statusCode !== 403) return failure;
      return new (load.errors().LoginRefusedError)(this.place, await this.login.user(request.permission.repository));
    } catch {
      sink.destroy();
      return failure;
    }
  }

  /**
   * Starts an upload whose body the caller streams into `sink`. Its answer goes to {@link settleUpload}.
   */
  async openUpload(
    request: RegistryRequest,
  ): Promise<{ exchange: HttpExchange; settle: () => Promise<RegistryAnswer> }> {
    const url = this.resolve(request.url);
    const { exchange, authorization, sent } = await this.exchange(request, url, undefined);
    return {
      exchange,
      settle: async () => {
        const response = await this.connection.answer(request, url, exchange);
        const body = await this.connection.read(request, url, response);
        const status = response.statusCode ?? 0;
        if (request.expect.includes(status)) return { status, headers: response.headers, body, url };
        const toTls = status < 400 && this.tlsRedirect(url, response.headers.location);
        if (toTls) throw this.wantsTls(toTls);
        const failure = await this.failed(request, url, status, response.headers, body, sent);
        // Where the login died on the way, the body is gone, so the transfer starts anew, with a new one.
        if (status === 401 && mayCarryCredentials(this.endpoint, url)) {
          const challenge = response.headers["www-authenticate"];
          await this.login.challenged(request.permission, authorization, challenge, 0, request.doing);
          throw new RetryableFailure(this.registry, failure);
        }
        if (status !== 403) throw failure;
        if (await this.login.hasOther(request.permission, authorization))
          throw new RetryableFailure(this.registry, failure);
        throw await this.refusedLogin(request, authorization, failure);
      },
    };
  }

  /** The errors in an answer's body, without secrets. */
  errorsIn(answer: RegistryAnswer): ApiErrors {
    return load.failure().parseApiErrors(answer.body, this.login.scrub);
  }

  /** Turns an answer that the caller expected after all into the error that it would have been in the end. */
  async failure(...answered: Parameters<RegistrySession["failed"]>): Promise<Error> {
    const failure = await this.failed(...answered);
    return failure instanceof RetryableFailure ? failure.error : failure;
  }

  private failed(
    request: Pick<RegistryRequest, "doing" | "permission">,
    url: URL,
    status: number,
    headers: HttpResponse["headers"],
    body: Buffer,
    sent?: SentRequest,
  ): Promise<Error> {
    return this.connection.context(request).then((context) => {
      // What an object store says to a signed URL is about that URL; a new redirect brings a new one. Google's says 400
      // to one that has expired (ExpiredToken), as S3 does where the key that signed it has.
      const failure = load.failure().failureOf(context, status, headers, body, this.#options.clock);
      const isOfStore =
        !mayCarryCredentials(this.endpoint, url) && (status === 400 || status === 401 || status === 403);
      if (failure instanceof RetryableFailure) return sent ? this.turns.held(failure, sent) : failure;
      return isOfStore ? new RetryableFailure(this.registry, failure) : failure;
    });
  }

  /** What a broken connection means, while the body of an answer is streamed. */
  async connectionFailure(request: Pick<RegistryRequest, "doing" | "permission">, error: Error): Promise<Error> {
    const context = await this.connection.context(request);
    return load.failure().connectionFailure(context, this.registry, error, this.#options.stallTimeoutMs);
  }

  private resolve(url: string | URL): URL {
    return typeof url === "string" ? new URL(`/v2/${url}`, this.endpoint.origin) : url;
  }

  private async exchange(
    request: RegistryRequest,
    url: URL,
    body: Buffer | string | undefined,
    isOutside = false,
  ): Promise<{ exchange: HttpExchange; authorization: string | undefined; sent: SentRequest | undefined }> {
    const own = mayCarryCredentials(this.endpoint, url);
    const authorization = own ? await this.login.authorization(request.permission) : undefined;
    // Where a registry points to has limits of its own.
    const sent = own ? await this.turns.take(requestKind(request.method, url)) : undefined;
    try {
      const exchange = this.connection.open(request, url, isOutside, {
        method: request.method,
        url,
        headers: { ...request.headers, ...(authorization !== undefined && { Authorization: authorization }) },
        ...(body !== undefined && { body }),
        idleTimeout: this.connection.patienceOf(request),
      });
      if (sent) this.turns.watch(sent, exchange.response);
      return { exchange, authorization, sent };
    } catch (error) {
      if (sent) this.turns.gaveUp(sent);
      throw error;
    }
  }
}
