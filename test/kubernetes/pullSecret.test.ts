import * as kubernetes from "@pulumi/kubernetes";
import { PullSecret } from "../../src/kubernetes/pullSecret";
import { mockedEngine, value } from "../support/providers/mockedEngine";

const engine = mockedEngine();

const SECRET = "kubernetes:core/v1:Secret";
const PATCH = "kubernetes:core/v1:SecretPatch";
const registries = [{ host: "r.io", username: "pods", password: "p" }];

async function made(name: string, provider?: kubernetes.Provider): Promise<Record<string, unknown[]>> {
  const secret = new PullSecret(
    name,
    { name: "login", namespace: "shop", namespaces: ["jobs"], registries },
    provider && { providers: [provider] },
  );
  expect(await value(secret.secretName)).toBe("login");
  const dataOf = (type: string): unknown[] =>
    engine.registered.filter((resource) => resource.type === type).map(({ inputs }) => logins(inputs["data"]));
  return { [SECRET]: dataOf(SECRET), [PATCH]: dataOf(PATCH) };
}

/** The hosts in a docker configuration; the SDK's mocks wrap secrets. */
function logins(data: unknown): string[] {
  const plain = (of: unknown): unknown => (of as { value?: unknown } | undefined)?.value ?? of;
  const text = plain((plain(data) as Record<string, unknown>)[".dockerconfigjson"]) as string;
  return Object.keys((JSON.parse(Buffer.from(text, "base64").toString()) as { auths: object }).auths);
}

it("owns its life and its logins by two resources, so that it is never missing", async () => {
  expect(await made("a")).toEqual({ [SECRET]: [[], []], [PATCH]: [["r.io"], ["r.io"]] });
});

it("is one whole Secret for a provider that writes objects into files", async () => {
  const provider = new kubernetes.Provider("files", { renderYamlToDirectory: "rendered" });
  expect(await made("b", provider)).toEqual({ [SECRET]: [["r.io"], ["r.io"]], [PATCH]: [] });
  const cluster = new kubernetes.Provider("cluster", { namespace: "shop" });
  engine.registered.splice(0);
  expect((await made("c", cluster))[PATCH]).toHaveLength(2);
});
