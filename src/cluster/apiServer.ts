import { channel } from "node:diagnostics_channel";
import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type * as Client from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { isMap, parseJson, type JsonObject } from "../json";
import type { Traces } from "../tracing";

const requests = channel("chart-mirror:request" satisfies keyof Traces);

/** Milliseconds without a byte, after which a request is given up. */
const TIMEOUT_MS = 30_000;

/** Bytes of one answer: a page of twenty Secrets or some hundred pods has a tenth of it. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** What of a kubeconfig requests need. */
export type ApiServerLogin = Pick<Client.KubeConfig, "getCurrentCluster" | "applyToHTTPSOptions">;

export interface ApiRequestBody {
  readonly type: string;
  readonly content: JsonObject;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks the API server of a kubeconfig, of which the client's own classes would leave out what they do not know.
 *
 * @param timeout milliseconds without a byte, after which it is given up
 * @throws {Error} when there is no answer, or none that is whole
 */
export async function askApiServer(
  config: ApiServerLogin,
  method: string,
  path: string,
  body?: ApiRequestBody,
  timeout = TIMEOUT_MS,
): Promise<ApiAnswer> {
  const server = config.getCurrentCluster()?.server ?? "";
  const options: RequestOptions = { method, timeout };
  await config.applyToHTTPSOptions(options);
  return send(new URL(server.replace(/\/$/, "") + path), options, body);
}

/** The object in an answer; undefined where there is none. */
export function objectIn({ text }: ApiAnswer): JsonObject | undefined {
  try {
    const object = parseJson(text);
    return isMap(object) ? (object as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function send(url: URL, options: RequestOptions, body?: ApiRequestBody): Promise<ApiAnswer> {
  const text = body && JSON.stringify(body.content);
  const headers = {
    ...options.headers,
    accept: "application/json",
    ...(body && text !== undefined && { "content-type": body.type, "content-length": Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const open = url.protocol === "http:" ? httpRequest : httpsRequest;
    const request = open(url, { ...options, headers }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if ((bytes += chunk.length) > MAX_ANSWER_BYTES)
          request.destroy(new Error(`${url.host} answered more than ${MAX_ANSWER_BYTES} bytes`));
      });
      response.on("error", reject);
      response.on("close", () => {
        if (response.complete)
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
        else reject(new Error(`${url.host} broke its answer off`));
      });
    });
    request.on("timeout", () =>
      request.destroy(new Error(`${url.host} did not answer within ${(options.timeout ?? TIMEOUT_MS) / 1000} s`)),
    );
    request.on("error", reject);
    if (requests.hasSubscribers) requests.publish({ url, sink: request } satisfies Traces["chart-mirror:request"]);
    request.end(text);
  });
}
