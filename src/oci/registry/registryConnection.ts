import { mayCarryCredentials } from "../auth/login";
import { answerPace } from "../transport/answerPace";
import type { Endpoint } from "../transport/endpoint";
import type { RequestContext } from "../transport/failure";
import {
  BodyTooLargeError,
  ERROR_BODY_BYTES,
  readBody,
  type HttpExchange,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from "../transport/http";
import type { RegistryRequest } from "./registryRequest";

/** Loaded with the first answer that is no success, or encoded, and the first connection that breaks. */
const load = {
  contentEncoding: () => require("../transport/contentEncoding") as typeof import("../transport/contentEncoding"),
  failure: () => require("../transport/failure") as typeof import("../transport/failure"),
  localAddress: () => require("../transport/localAddress") as typeof import("../transport/localAddress"),
  localAddressGuard: () => require("../transport/localAddressGuard") as typeof import("../transport/localAddressGuard"),
  refusalWords: () => require("../transport/refusalWords") as typeof import("../transport/refusalWords"),
};

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  readonly transport: HttpTransport;
  /** How long a connection may keep silent, in milliseconds. */
  readonly stallTimeoutMs: number;
}

/** The login of a request, as errors need it: the user to name, and secrets to hide. */
export interface Asking {
  user(repository: string | undefined): Promise<string | undefined>;
  readonly scrub: (text: string) => string;
}

/** Single requests to a registry and to where it points, and what went wrong with them in words. It knows no login. */
export class RegistryConnection {
  readonly #options: ConnectionOptions;
  /** Where the registry's own answers so far came from; empty where that is not known. */
  private readonly addresses = new Set<string>();

  constructor(
    options: ConnectionOptions,
    private readonly asking: Asking,
  ) {
    this.#options = options;
  }

  get endpoint(): Endpoint {
    return this.#options.endpoint;
  }

  /** Milliseconds that a request may wait for the next byte. */
  patienceOf({ patience = 1 }: Pick<RegistryRequest, "patience">): number {
    return this.#options.stallTimeoutMs * patience;
  }

  /** Opens a request to the registry itself, or to where it pointed: that must not be this machine, unless it is inside. */
  open(
    { doing }: Pick<RegistryRequest, "doing">,
    url: URL,
    isOutside: boolean,
    request: Omit<HttpRequest, "tls">,
  ): HttpExchange {
    const own = mayCarryCredentials(this.endpoint, url);
    const fromOutside = !own && !this.endpoint.internalRedirects && (isOutside || !this.isInside);
    const tls = own ? this.endpoint.tls : this.endpoint.foreignTls;
    let exchange: HttpExchange;
    try {
      exchange = this.#options.transport.open({ ...request, tls, fromOutside });
    } catch (error) {
      const { LocalAddressError } = load.localAddressGuard();
      if (!(error instanceof LocalAddressError)) throw error;
      throw load.failure().connectionFailure(this.contextOf(doing), url.host, error, request.idleTimeout);
    }
    if (own)
      exchange.response.then(() => {
        this.addresses.add(exchange.serverAddress() ?? "");
      }, ignored);
    return exchange;
  }

  /** Waits for the head of an answer. */
  async answer(request: RegistryRequest, url: URL, exchange: HttpExchange): Promise<HttpResponse> {
    try {
      const response = await exchange.response;
      // 200 by a proxy that changed something on the way (RFC 9110, 15.3.4); whether the content is whole, its digest tells.
      if (response.statusCode === 203) response.statusCode = 200;
      return response;
    } catch (error) {
      throw await this.broken(request, url, error, exchange.sink.reusedSocket);
    }
  }

  /**
   * Reads the body of an answer.
   *
   * @param limit of the body of a success, which has to be whole. What else is answered may be longer: proxies send whole
   * web pages with a 503, and the status says all that a retry has to know.
   */
  async read(request: RegistryRequest, url: URL, response: HttpResponse, limit = ERROR_BODY_BYTES): Promise<Buffer> {
    const isSuccess = (response.statusCode ?? 0) < 300;
    try {
      const pace = answerPace(this.#options.stallTimeoutMs);
      if (!isSuccess) return await load.refusalWords().refusalWords(response, pace);
      const isEncoded = !request.asIs && response.headers["content-encoding"] !== undefined;
      const body = isEncoded ? load.contentEncoding().decodedBody(response, request.size) : response;
      // What says itself that it is too large need not be waited for; to a HEAD it says so of what it does not send.
      const isToBeSent = request.method !== "HEAD" && body === response;
      if (isToBeSent && Number(response.headers["content-length"]) > limit) {
        response.on("error", ignored).destroy();
        throw new BodyTooLargeError(limit);
      }
      return await readBody(body, limit, "fail", pace);
    } catch (error) {
      response.on("error", ignored).destroy();
      throw await this.broken(request, url, error, false);
    }
  }

  /** What a failure is told with. */
  async context({ doing, permission }: Pick<RegistryRequest, "doing" | "permission">): Promise<RequestContext> {
    const user = await this.asking.user(permission.repository);
    return { ...this.contextOf(doing), kind: this.endpoint.kind, user, permission };
  }

  /** The same of a request that is about no repository, and has no user. */
  contextOf(doing: string): RequestContext {
    const { registry, place, origin } = this.endpoint;
    const plainHttp = origin.protocol === "http:";
    return { registry, place, plainHttp, user: undefined, doing, scrub: this.asking.scrub };
  }

  /** Whether an answer came from an address outside, such as one of a store in place of the registry. */
  isFromOutside(exchange: HttpExchange): boolean {
    return !load.localAddress().isInternalAddress(exchange.serverAddress() ?? "");
  }

  /** Whether all its own answers so far came from addresses inside: then it may point to others there. */
  private get isInside(): boolean {
    return this.addresses.size > 0 && [...this.addresses].every(load.localAddress().isInternalAddress);
  }

  private async broken(request: RegistryRequest, url: URL, error: unknown, reused: boolean): Promise<Error> {
    const context = await this.context(request);
    const { registry, origin } = this.endpoint;
    const host = url.host === origin.host ? registry : url.host;
    return load.failure().connectionFailure(context, host, error as Error, this.patienceOf(request), reused);
  }
}

const ignored = (): void => undefined;
