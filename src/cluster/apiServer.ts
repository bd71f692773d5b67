import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type * as Client from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { isMap, parseJson, type JsonObject } from "../json";

const TIMEOUT_MS = 30_000;

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
 * @throws {Error} when there is no answer
 */
export async function askApiServer(
  config: ApiServerLogin,
  method: string,
  path: string,
  body?: ApiRequestBody,
): Promise<ApiAnswer> {
  const server = config.getCurrentCluster()?.server ?? "";
  const options: RequestOptions = { method, timeout: TIMEOUT_MS };
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
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    request.on("timeout", () => request.destroy(new Error(`${url.host} did not answer within ${TIMEOUT_MS / 1000} s`)));
    request.on("error", reject);
    request.end(text);
  });
}
