import { regctlConfig } from "../../../src/copy/kubernetesJob/regctlConfig";

const hosts = (...args: Parameters<typeof regctlConfig>): unknown =>
  (JSON.parse(regctlConfig(...args)) as { hosts: unknown }).hosts;

describe("regctlConfig", () => {
  test.each<[string, Parameters<typeof regctlConfig>[0][number], object]>([
    ["a login", { host: "r.io", username: "ci", password: "p" }, { tls: "enabled", user: "ci", pass: "p" }],
    ["plain http", { host: "r.io:5000", plainHttp: true }, { tls: "disabled" }],
    ["an own authority", { host: "r.io", caCertificate: "PEM" }, { tls: "enabled", regcert: "PEM" }],
    [
      "a client certificate",
      { host: "r.io", clientCertificate: { cert: "PEM", key: "KEY" } },
      { tls: "enabled", clientCert: "PEM", clientKey: "KEY" },
    ],
    ["an identity token", { host: "r.io", identityToken: "t" }, { tls: "enabled", token: "t" }],
    [
      "another place that serves the host's images",
      { host: "docker.io", location: "nexus.example.com:8083/docker-hub/proxy" },
      { tls: "enabled", hostname: "nexus.example.com:8083", pathPrefix: "docker-hub/proxy" },
    ],
  ])("knows %s", (_, access, expected) => {
    expect(hosts([access])).toEqual({ [access.host]: expected });
  });

  it("lets pods log in to a host with their own identity", () => {
    expect(hosts([{ host: "r.io", plainHttp: true }], { "1.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login" })).toEqual({
      "r.io": { tls: "disabled" },
      "1.dkr.ecr.eu-west-1.amazonaws.com": { tls: "enabled", credHelper: "docker-credential-ecr-login" },
    });
  });
});
