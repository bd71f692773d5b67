import type { JsonObject } from "../../../src/json";
import type { AdmissionServer, Answer } from "./index";

/** A container as far as admission looks at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
}

/** Containers `c0`, `c1`, … with these images. */
export const named = (images: readonly string[]): Container[] => images.map((image, i) => ({ name: `c${i}`, image }));

export const podOf = (namespace: string, spec: object, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "made-by-hand", namespace, ...metadata },
  spec,
});

type Asked = Pick<AdmissionServer, "ask">;

/** What an API server makes of a pod, in a dry run. */
export const makePod = (server: Asked, namespace: string, spec: object, metadata?: object): Promise<Answer> =>
  server.ask("POST", `/api/v1/namespaces/${namespace}/pods`, podOf(namespace, spec, metadata));

/** The images of a pod that it was asked for. */
export const imagesOf = ({ body }: Answer, list = "containers"): string[] =>
  ((body.spec as JsonObject)[list] as unknown as Container[]).map(({ image }) => image);

export async function makeNamespace(server: Asked, name: string): Promise<void> {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  const { status } = await server.ask("POST", "/api/v1/namespaces", namespace, { write: true });
  if (status !== 201) throw new Error(`The namespace ${name} was not made: ${status}`);
}
