import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { isMap, type Json, type JsonObject } from "../../../src/json";
import type { AdmissionMode } from "../../../src/kubernetes/admission/admissionMode";
import type { AdmissionObject } from "../../../src/kubernetes/admission/admissionObjects";
import { supportedMode, type SupportedMode } from "../../../src/kubernetes/admission/rewriteSupport";
import { objectClient } from "../../../src/kubernetes/contribution/objectClient";
import { writeContribution } from "../../../src/kubernetes/contribution/sharedObject";
import { systemClock } from "../../../src/oci/transport/clock";
import { startLocalApiServer, type LocalApiServer } from "../providers/kubernetes/localApiServer";
import { isKubernetesNext, type ToolName } from "../tools";

/** Flags by which the API server of Kubernetes 1.34 has policies that change pods, and pods with volumes of images. */
export const GATED_FLAGS: readonly string[] = [
  "--feature-gates=MutatingAdmissionPolicy=true,ImageVolume=true",
  "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
];

/** What the API server of this suite needs of them: since 1.36 it has both by itself. */
export const ADMISSION_FLAGS = isKubernetesNext() ? [] : GATED_FLAGS;

/** What an API server answered. */
export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** What it warned of. */
  readonly warnings: readonly string[];
}

/** A real API server without nodes, of which tests ask what it makes of pods. */
export interface AdmissionServer {
  readonly kubeconfig: string;
  /** What it can do of a mode, as programs find out. */
  supports(mode: AdmissionMode): Promise<SupportedMode>;
  /** A request with a JSON body; a dry run unless told, and of a node's kubelet where one is named. */
  ask(
    method: string,
    path: string,
    body?: object,
    options?: { write?: boolean; type?: string; node?: string },
  ): Promise<Answer>;
  /** Adds a contributor's part to objects, as resources of programs do. */
  contribute(contributor: string, objects: readonly AdmissionObject[]): Promise<void>;
  /** Takes it out again. */
  withdraw(contributor: string, objects: readonly AdmissionObject[]): Promise<void>;
  readonly upgrade: LocalApiServer["upgrade"];
  readonly stop: () => Promise<void>;
}

export async function startAdmissionServer(
  flags: readonly string[] = ADMISSION_FLAGS,
  tool?: ToolName,
): Promise<AdmissionServer> {
  const local = await startLocalApiServer(flags, tool);
  return {
    ...(await admissionServer(local.kubeconfig)),
    upgrade: (to, more) => local.upgrade(to, more),
    stop: () => local.stop(),
  };
}

/** The API server that a kubeconfig in JSON leads to. */
export async function admissionServer(kubeconfig: string): Promise<Omit<AdmissionServer, "stop" | "upgrade">> {
  const config = JSON.parse(kubeconfig) as {
    clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
    users: [{ user: { token: string } }];
  };
  const { cluster } = config.clusters[0];
  const agent = new https.Agent({
    keepAlive: true,
    ca: Buffer.from(cluster["certificate-authority-data"], "base64").toString(),
  });
  // Jest cannot load the Kubernetes client, which would read a kubeconfig.
  const connection = {
    getCurrentCluster: () => cluster,
    getCurrentContext: () => "local",
    getContextObject: () => ({}),
    applyToHTTPSOptions: (options: https.RequestOptions) => {
      options.headers = { ...options.headers, authorization: `Bearer ${config.users[0].user.token}` };
      options.agent = agent;
      return Promise.resolve();
    },
  };
  const client = await objectClient({ kubeconfig }, () => Promise.resolve({ config: connection } as never));
  const write = async (contributor: string, { create, ...reference }: AdmissionObject, wanted: JsonObject) => {
    await writeContribution(client, reference, () => ({ contributor, wanted }), { create, clock: systemClock });
  };
  return {
    kubeconfig,
    supports: (mode) => supportedMode(mode, (kind) => client.serves(kind)),
    ask: (method, path, body, { write: writes = false, type = "application/json", node } = {}) =>
      new Promise((resolve, reject) => {
        const url = new URL(path, cluster.server);
        if (!writes && method !== "GET") url.searchParams.set("dryRun", "All");
        const headers = {
          authorization: `Bearer ${config.users[0].user.token}`,
          "content-type": type,
          ...(node !== undefined && {
            "impersonate-user": `system:node:${node}`,
            // The authorizer of nodes is off; what they may do is another matter.
            "impersonate-group": ["system:nodes", "system:masters"],
          }),
        };
        const request = https.request(url, { method, headers, agent }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          response.on("error", reject);
          response.on("end", () => {
            const header = response.headers.warning ?? "";
            const warnings = [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, words = ""]) =>
              words.replace(/\\(.)/g, "$1"),
            );
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as JsonObject, warnings });
          });
        });
        request.on("error", reject);
        request.end(body && JSON.stringify(body));
      }),
    contribute: async (contributor, objects) => {
      for (const object of objects) await write(contributor, object, sorted(object.content) as JsonObject);
    },
    withdraw: async (contributor, objects) => {
      for (const object of [...objects].reverse()) await write(contributor, object, {});
    },
  };
}

/** As Pulumi's engine hands on what programs give it. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] as Json)]));
}

/** Asks again until an answer is as it shall be: an API server learns of its policies a moment after they are written. */
export async function until(ask: () => Promise<Answer>, isSo: (answer: Answer) => boolean): Promise<Answer> {
  for (const end = Date.now() + 60_000; ; await sleep(100)) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (Date.now() > end) throw new Error(`The API server still answers ${JSON.stringify(answer)}`);
  }
}
