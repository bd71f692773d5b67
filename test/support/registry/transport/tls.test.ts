import { X509Certificate } from "node:crypto";
import * as https from "node:https";
import { certificateAuthority } from "..";
import { rawRequest } from "./rawRequest";
import { registriesOfTest } from "../registriesOfTest";

const startRegistry = registriesOfTest();

test("https by this process's own authority, for the names that were asked for", async () => {
  const registry = await startRegistry({ tls: { names: ["*.azurecr.io", "127.0.0.3"] } });
  expect((await rawRequest(registry, "GET", "/v2/")).status).toBe(200);
  await expect(rawRequest({ url: registry.url }, "GET", "/v2/")).rejects.toThrow(/certificate/);
  const localhost = registry.url.replace("127.0.0.1", "localhost");
  expect((await rawRequest({ url: localhost, ca: registry.ca ?? "" }, "GET", "/v2/")).status).toBe(200);
  expect(registry.ca).toBe((await certificateAuthority()).certificate);
});

test("a certificate names hosts and addresses, and can be shared", async () => {
  const issued = await (await certificateAuthority()).issue(["registry.example.com", "127.0.0.1"]);
  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.checkHost("registry.example.com")).toBe("registry.example.com");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.checkHost("other.example.com")).toBeUndefined();
  const registry = await startRegistry({ tls: { certificate: issued } });
  expect((await rawRequest(registry, "GET", "/v2/")).status).toBe(200);
});

test("a client certificate is demanded on request", async () => {
  const registry = await startRegistry({ tls: { clientCertificates: true } });
  await expect(rawRequest(registry, "GET", "/v2/")).rejects.toThrow();
  const { certificate, key } = await (await certificateAuthority()).issue(["client"]);
  const agent = new https.Agent({ cert: certificate, key });
  expect((await rawRequest(registry, "GET", "/v2/", { agent })).status).toBe(200);
  agent.destroy();
});
