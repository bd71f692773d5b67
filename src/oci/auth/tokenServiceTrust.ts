import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type * as tldts from "tldts";
import { canonicalHost } from "../../image/reference";

/** Registries whose token service is known: those of other domains, and those that most images come from. */
const KNOWN: readonly [registry: RegExp, tokenService: string][] = [
  [/^registry-1\.docker\.io$/, "auth.docker.io"],
  [/^registry\.gitlab\.com$/, "gitlab.com"],
  [/^registry\.digitalocean\.com$/, "api.digitalocean.com"],
  [/^docker\.elastic\.co$/, "docker-auth.elastic.co"],
  // Scaleway: rg.fr-par.scw.cloud names api.scaleway.com.
  [/^rg\.[a-z0-9-]+\.scw\.cloud$/, "api.scaleway.com"],
  // Red Hat's registry of certified images.
  [/^(?:registry|scan)\.connect\.redhat\.com$/, "sso.redhat.com"],
];

/**
 * Domains in which hosts belong to different customers, and which their owners have not put on the Public Suffix List:
 * those of registries and of clouds that name hosts for their customers.
 */
const SHARED_DOMAINS = (
  "azurecr.io azurecr.cn azurecr.us azurecr.de azurecontainerapps.io azurecontainer.io azurewebsites.net azure-api.net " +
  "cloudapp.azure.com cloudapp.net windows.net trafficmanager.net jfrog.io pkg.dev gcr.io scw.cloud amazonaws.com " +
  "amazonaws.com.cn on.aws awsapprunner.com cloudfront.net googleapis.com run.app appspot.com cr.aliyuncs.com " +
  "tencentcloudcr.com ocir.io oraclecloud.com digitaloceanspaces.com appdomain.cloud fly.dev ngrok.io ngrok.app " +
  "nip.io sslip.io xip.io traefik.me localtest.me lvh.me svc cluster.local"
).split(" ");

/**
 * Whether a registry's credentials may go to a token service: one on its own host, in its own domain
 * (`gitlab.example.com` for `registry.example.com`), the known one of a well-known registry, or one named by the user.
 *
 * A registry's challenge alone is not proof: whoever can forge one answer would collect the password. Nor is being
 * neighbours in a domain that strangers share ({@link https://publicsuffix.org}, with the part of private owners).
 *
 * @param registryHost the host that is talked to, without port.
 * @param named hosts that the user trusts with these credentials, as `HOST[:PORT]`.
 */
export function isTokenServiceTrusted(registryHost: string, service: URL, named: readonly string[] = []): boolean {
  const registry = nameOf(registryHost);
  const host = nameOf(service.hostname);
  if (host === registry || isNamed(service, named)) return true;
  if (KNOWN.some(([pattern, known]) => pattern.test(registry) && known === host)) return true;
  if (isAddress(registry) || isAddress(host) || !registry.includes(".")) return false;
  if (host.endsWith(`.${registry}`)) return hasOneOwner(registry);
  const domain = registry.slice(registry.indexOf(".") + 1);
  return domain.includes(".") && (host === domain || host.endsWith(`.${domain}`)) && hasOneOwner(domain);
}

function isNamed(service: URL, named: readonly string[]): boolean {
  const host = nameOf(service.hostname);
  const withPort = canonicalHost(`${host}${service.port === "" ? "" : `:${service.port}`}`);
  return named.map((text) => canonicalHost(ascii(text))).some((text) => text === host || text === withPort);
}

/** As a URL writes it: users and other hosts may write letters of their language. */
const ascii = (text: string): string => {
  const [, host = text, port = ""] = /^([^:[\]]+)(:\d+)?$/.exec(text) ?? [];
  return /[^ -~]/.test(host) ? `${domainToASCII(host)}${port}` : text;
};

const nameOf = (hostname: string): string => ascii(hostname).toLowerCase().replace(/\.$/, "");

const isAddress = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, "")) > 0;

/** Whether all hosts in a domain belong to whoever has the domain. */
function hasOneOwner(domain: string): boolean {
  if (SHARED_DOMAINS.some((shared) => `.${domain}`.endsWith(`.${shared}`))) return false;
  // Loaded with the first token service that nothing else tells of: the list takes longer to load than an image to check.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { getDomain } = require("tldts") as typeof tldts;
  return getDomain(domain, { allowPrivateDomains: true }) !== null;
}
