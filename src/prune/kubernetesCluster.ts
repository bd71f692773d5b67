import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { connectCluster, type ClusterLogin } from "../cluster/clusterConnection";
import { isMap, parseJson, type JsonObject } from "../json";
import type { ListedKind, ReadCluster } from "./clusterUses";

/** Milliseconds without a byte, after which a request is given up. */
const TIMEOUT_MS = 60_000;

/** Bytes of one page: twenty Secrets or some hundred pods have a tenth of it. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;

/** How often a list is begun anew whose continuation has expired, as it does after some minutes. */
const ATTEMPTS = 3;

const PURPOSE = {
  doing: "Finding out what a cluster needs of the mirror",
  cluster: "The cluster that is to be read",
  kubeconfig: "--kubeconfig",
};

/** The contexts of a kubeconfig, the current one alone unless all are asked for. @throws {MirrorError} as `connectCluster` does */
export async function contextsOf(
  kubeconfig: string | undefined,
  all: boolean,
  connect = connectCluster,
): Promise<(string | undefined)[]> {
  if (!all) return [undefined];
  const { config } = await connect({ kubeconfig }, PURPOSE);
  return config.getContexts().map(({ name }) => name);
}

/**
 * A real cluster.
 *
 * @param connect reads the kubeconfig
 * @throws {MirrorError} `MISSING_PACKAGE`, `INVALID_KUBECONFIG`
 */
export async function kubernetesCluster(login: ClusterLogin, connect = connectCluster): Promise<ReadCluster> {
  const { config } = await connect(login, PURPOSE);
  const server = (config.getCurrentCluster()?.server ?? "").replace(/\/$/, "");

  const ask = async (path: string): Promise<JsonObject> => {
    const options: RequestOptions = { method: "GET", timeout: TIMEOUT_MS };
    await config.applyToHTTPSOptions(options);
    const { status, text } = await read(new URL(server + path), options);
    let answer: unknown;
    try {
      answer = parseJson(text);
    } catch {
      answer = undefined;
    }
    const object = isMap(answer as JsonObject) ? (answer as JsonObject) : undefined;
    if (status === 200 && object) return object;
    throw new ApiAnswer(status, typeof object?.message === "string" ? object.message : "");
  };

  async function* pages({ path, labelSelector, page }: ListedKind): AsyncGenerator<readonly JsonObject[]> {
    let next: string | undefined;
    do {
      const query = new URLSearchParams({ limit: String(page) });
      if (labelSelector !== undefined) query.set("labelSelector", labelSelector);
      if (next !== undefined) query.set("continue", next);
      const { items, metadata } = await ask(`${path}?${query.toString()}`);
      if (!Array.isArray(items)) throw new Error("it answered no list");
      yield items.map((item) => {
        if (!isMap(item)) throw new Error("it answered a list of what are no objects");
        return item;
      });
      const token = isMap(metadata) ? metadata.continue : undefined;
      if (token === next && next !== undefined) throw new Error("its list has no end");
      next = typeof token === "string" && token !== "" ? token : undefined;
    } while (next !== undefined);
  }

  return {
    where: `of the context ${config.getCurrentContext()}`,
    async *list(kind) {
      for (let attempt = 1; ; attempt++)
        try {
          // What was told before is told once more: it may have changed, and twice does no harm.
          yield* pages(kind);
          return;
        } catch (error) {
          // The continuation of a list expires with what the API server remembers of the past.
          if (!(error instanceof ApiAnswer) || error.code !== 410 || attempt === ATTEMPTS) throw error;
        }
    },
  };
}

/** An answer that is no success, in the form that the Kubernetes client throws. */
class ApiAnswer extends Error {
  readonly body: { readonly message: string };
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(`${code} ${message}`.trim());
    this.body = { message };
  }
}

function read(url: URL, options: RequestOptions): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { ...options.headers, accept: "application/json" };
  return new Promise((resolve, reject) => {
    const open = url.protocol === "http:" ? httpRequest : httpsRequest;
    const request = open(url, { ...options, headers }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if ((bytes += chunk.length) > MAX_PAGE_BYTES)
          request.destroy(new Error(`${url.host} answered more than ${MAX_PAGE_BYTES} bytes`));
      });
      response.on("error", reject);
      response.on("close", () => {
        if (response.complete)
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
        else reject(new Error(`${url.host} broke its answer off`));
      });
    });
    request.on("timeout", () => request.destroy(new Error(`${url.host} did not answer within ${TIMEOUT_MS / 1000} s`)));
    request.on("error", reject);
    request.end();
  });
}
