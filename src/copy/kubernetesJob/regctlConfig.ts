import type { AccessInput } from "../imageCopyInputs";

/**
 * The configuration file that `regctl` reads its logins and hosts from.
 *
 * It stands in a Secret, since it holds passwords; nothing of it is an argument of a process.
 *
 * @param helpers credential helpers, by host, for hosts that pods log in to with their own identity
 * @see https://github.com/regclient/regclient/blob/main/config/host.go
 */
export function regctlConfig(access: readonly AccessInput[], helpers: Readonly<Record<string, string>> = {}): string {
  const hosts = new Map<string, Record<string, unknown>>();
  for (const entry of access) {
    const { host, location, username, password, identityToken, plainHttp, caCertificate, clientCertificate } = entry;
    const [hostname, ...path] = (location ?? "").split("/");
    hosts.set(host, {
      tls: plainHttp ? "disabled" : "enabled",
      regcert: caCertificate,
      ...(clientCertificate && { clientCert: clientCertificate.cert, clientKey: clientCertificate.key }),
      ...(hostname && { hostname }),
      ...(path.length > 0 && { pathPrefix: path.join("/") }),
      user: username,
      pass: password,
      token: identityToken,
    });
  }
  for (const [host, helper] of Object.entries(helpers))
    hosts.set(host, { tls: "enabled", ...hosts.get(host), credHelper: `docker-credential-${helper}` });
  return JSON.stringify({ version: 1, hosts: Object.fromEntries(hosts) });
}
