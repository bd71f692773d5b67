import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { activeCluster, connectionOf, namespaceOf, readKubeconfig } from "./kubeconfig";

const content = `
apiVersion: v1
kind: Config
current-context: one
contexts:
  - { name: one, context: { cluster: first, user: ada, namespace: team } }
  - { name: two, context: { cluster: second, user: bob } }
  - { name: broken, context: { cluster: none, user: bob } }
clusters:
  - { name: first, cluster: { server: "https://first.example:6443", certificate-authority: ca.crt } }
  - { name: second, cluster: { server: "https://second.example", insecure-skip-tls-verify: true } }
users:
  - { name: ada, user: { client-certificate-data: ${Buffer.from("certificate").toString("base64")}, token: t } }
  - { name: bob, user: { exec: { command: login } } }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  writeFileSync(join(folder, "config"), content);
  writeFileSync(join(folder, "ca.crt"), "authority");
});
afterAll(() => rmSync(folder, { recursive: true }));

it("is read from a file, with paths relative to it, or from its content", () => {
  const { config, folder: from, file } = readKubeconfig(join(folder, "config"));
  expect(file).toBe(join(folder, "config"));
  expect(connectionOf(config, from)).toEqual({
    server: "https://first.example:6443",
    namespace: "team",
    insecure: false,
    certificateAuthority: "authority",
    clientCertificate: "certificate",
    token: "t",
  });
  expect(readKubeconfig(content)).toMatchObject({ config: { "current-context": "one" } });
  expect(readKubeconfig(content)).not.toHaveProperty("file");
});

it.each(["no such file", "", "3"])("is refused when it is %j", (text) =>
  expect(() => readKubeconfig(text)).toThrow("not a kubeconfig"),
);

it("leads to the cluster of its context, or of another", () => {
  const { config } = readKubeconfig(content);
  expect(activeCluster(config)).toMatchObject({ server: "https://first.example:6443" });
  expect(activeCluster(config, "two")).toMatchObject({ server: "https://second.example" });
  expect(activeCluster(config, "one", "second")).toMatchObject({ server: "https://second.example" });
  expect(activeCluster(config, "three")).toBeUndefined();
  expect([namespaceOf(config), namespaceOf(config, "two")]).toEqual(["team", "default"]);
});

it.each([
  ["three", 'context "three" does not exist'],
  ["broken", 'cluster "none" has no server defined'],
  ["two", "login programs"],
])("context %s fails with %s", (context, message) => {
  expect(() => connectionOf(readKubeconfig(content).config, folder, context)).toThrow(message);
});
