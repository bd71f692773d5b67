import { isIP } from "node:net";

/** Token services that live in another domain than their registry. */
const KNOWN: readonly [registry: RegExp, tokenService: string][] = [
  // Scaleway: rg.fr-par.scw.cloud names api.scaleway.com.
  [/^rg\.[a-z0-9-]+\.scw\.cloud$/, "api.scaleway.com"],
  // Red Hat's registry of certified images.
  [/^(?:registry|scan)\.connect\.redhat\.com$/, "sso.redhat.com"],
];

/**
 * Domains in which hosts belong to different owners, so that being a neighbour means nothing: those where registries are,
 * or where who has no domain puts one ({@link https://publicsuffix.org/list/}).
 */
const SHARED_DOMAINS = (
  "azurecr.io azurecr.cn azurecr.us azurecr.de jfrog.io pkg.dev scw.cloud amazonaws.com amazonaws.com.cn on.aws cloudfront.net " +
  "windows.net cloudapp.net cloudapp.azure.com azurewebsites.net azurecontainer.io googleapis.com appspot.com run.app " +
  "digitaloceanspaces.com ondigitalocean.app appdomain.cloud herokuapp.com fly.dev onrender.com vercel.app workers.dev " +
  "pages.dev github.io gitlab.io nip.io sslip.io duckdns.org ngrok.io ngrok.app ngrok-free.app ts.net"
).split(" ");
/** `co.uk` and its like. */
const COUNTRY_DOMAIN = /^(?:co|com|net|org|gov|edu|ac)\.[a-z]{2}$/;

const isShared = (domain: string): boolean =>
  COUNTRY_DOMAIN.test(domain) || SHARED_DOMAINS.some((shared) => `.${domain}`.endsWith(`.${shared}`));

/**
 * Whether a registry's credentials may go to a token service: one on its own host, in its own domain (`auth.docker.io`
 * for `registry-1.docker.io`, `gitlab.example.com` for `registry.example.com`), or one named by the user.
 *
 * A registry's challenge alone is not proof: whoever can forge one answer would collect the password.
 *
 * @param registryHost the host that is talked to, without port.
 * @param named hosts that the user trusts with these credentials.
 */
export function isTokenServiceTrusted(registryHost: string, service: URL, named: readonly string[] = []): boolean {
  const registry = registryHost.toLowerCase();
  const host = service.hostname.toLowerCase();
  if (host === registry || named.includes(host) || named.includes(service.host)) return true;
  if (KNOWN.some(([pattern, known]) => pattern.test(registry) && known === host)) return true;
  if (isIP(registry.replace(/^\[|\]$/g, "")) || !registry.includes(".")) return false;
  if (host.endsWith(`.${registry}`)) return true;
  const domain = registry.slice(registry.indexOf(".") + 1);
  if (!domain.includes(".") || isShared(domain)) return false;
  return host === domain || host.endsWith(`.${domain}`);
}
