import type { Readable } from "node:stream";
import { readBody, type HttpResponse } from "../transport/http";
import type { RegistryAnswer, RegistryRequest } from "../registry/registryRequest";
import { RegistrySession, type SessionOptions } from "../registry/session";

/** What is asked of a layout: a request to a registry's API. */
export interface LocalRequest {
  readonly method: RegistryRequest["method"];
  readonly repository: string;
  readonly kind: "manifests" | "blobs" | "referrers" | "tags" | "uploads";
  /** Tag, digest, or the name of an upload. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer | undefined;
}

/** What a layout answers. */
export interface LocalAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable;
}

/**
 * A session with something that is no registry and answers like one: so an OCI image layout is an end of a copy. Nothing is
 * sent, nothing is tried again, no login is asked for.
 */
export abstract class LocalSession extends RegistrySession {
  /** @param location what errors call it */
  constructor(options: SessionOptions, location: string) {
    const { endpoint } = options;
    const { registry } = endpoint;
    super({
      ...options,
      endpoint: { ...endpoint, place: registry === LAYOUT_HOST ? location : `${location} for ${registry}` },
    });
  }

  /** Answers a request; whatever is wrong with the layout itself is an error. */
  protected abstract answerTo(request: LocalRequest): Promise<LocalAnswer>;

  override send(request: RegistryRequest, bodyLimit?: number): Promise<RegistryAnswer> {
    return this.sendOnce(request, bodyLimit);
  }

  override async sendOnce(request: RegistryRequest, bodyLimit?: number): Promise<RegistryAnswer> {
    const { answer, url } = await this.ask(request);
    const { status, headers = {}, body = EMPTY } = answer;
    const bytes = Buffer.isBuffer(body)
      ? body
      : await readBody(body, bodyLimit ?? SMALL_BYTES).catch(async (error: unknown) => {
          throw await this.connectionFailure(request, error as Error);
        });
    const answered = { status, headers, body: request.method === "HEAD" ? EMPTY : bytes, url };
    if (request.expect.includes(status)) return answered;
    throw await this.failure(request, url, status, headers, answered.body);
  }

  override async open(request: RegistryRequest): Promise<{ response: HttpResponse; url: URL; sent: undefined }> {
    const { answer, url } = await this.ask(request);
    const { status, headers = {}, body = EMPTY } = answer;
    if (!request.expect.includes(status) || Buffer.isBuffer(body))
      throw await this.failure(request, url, status, headers, EMPTY);
    return {
      response: Object.assign(body, { statusCode: status, headers }) as unknown as HttpResponse,
      url,
      sent: undefined,
    };
  }

  /** The request of a URL, as the client of a registry writes them. */
  protected request({ method, url, headers = {}, body }: RegistryRequest): LocalRequest & { readonly url: URL } {
    const whole = typeof url === "string" ? new URL(`/v2/${url}`, this.endpoint.origin) : url;
    const path = whole.pathname.slice("/v2/".length);
    const common = { method, headers, body, query: whole.searchParams, url: whole };
    for (const [part, kind] of PARTS) {
      const at = path.lastIndexOf(part);
      const name = path.slice(at + part.length);
      if (at > 0 && !name.includes("/")) return { ...common, kind, repository: path.slice(0, at), name };
    }
    return { ...common, kind: "tags", repository: "", name: "" };
  }

  private async ask(request: RegistryRequest): Promise<{ answer: LocalAnswer; url: URL }> {
    const local = this.request(request);
    return { answer: await this.answerTo(local), url: local.url };
  }
}

/** The host that references to what is in a layout have, where it stands for no registry. */
export const LAYOUT_HOST = "oci-archive";

const PARTS = [
  ["/blobs/uploads/", "uploads"],
  ["/manifests/", "manifests"],
  ["/blobs/", "blobs"],
  ["/referrers/", "referrers"],
  ["/tags/list", "tags"],
] as const;

const EMPTY = Buffer.alloc(0);
/** Of what is read as a whole though nobody said how much it may be. */
const SMALL_BYTES = 4 * 1024 * 1024;
