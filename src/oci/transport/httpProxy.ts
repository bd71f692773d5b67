import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { decodedLogin } from "../../image/addressLogin";
import { ownValue } from "../../ownKeys";
import { RegistryUnreachableError } from "../errors/connectionErrors";

/** `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` and their lower-case forms are read. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, by the rules of Go's httpproxy, which helm, crane and docker share
 * ({@link https://pkg.go.dev/golang.org/x/net/http/httpproxy}): never one for localhost; `NO_PROXY` holds `*`,
 * domains (with their subdomains), `.domain` (subdomains alone), addresses and CIDR ranges, each with an optional port.
 *
 * @throws {RegistryUnreachableError} where the variable is no URL of a proxy; its text, which may hold a password, is not
 * repeated.
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): URL | undefined {
  const read = (name: string) => ownValue(environment, name) || ownValue(environment, name.toLowerCase());
  const variable = url.protocol === "http:" ? "HTTP_PROXY" : "HTTPS_PROXY";
  const text = read(variable);
  if (!text || isExcluded(url, read("NO_PROXY") ?? "")) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(address)) throw new RegistryUnreachableError(url.host, `${variable} is no URL`);
  const proxy = new URL(address);
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:")
    throw new RegistryUnreachableError(url.host, `${variable} is no proxy that is spoken to by http or https`);
  return proxy;
}

function isExcluded(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "http:" ? "80" : "443");
  const isAddress = isIP(host) > 0;
  if (host === "localhost" || (isAddress && (inRange(host, "127.0.0.0", 8) || inRange(host, "::1", 128)))) return true;
  return noProxy
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => {
      if (entry === "*") return true;
      const [, network = "", bits] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
      if (bits !== undefined && isIP(network)) return isAddress && inRange(host, network, Number(bits));
      const [, name = "", onlyPort] = /^\[?([^\]]*?)\]?(?::(\d*))?$/.exec(isIP(entry) ? `[${entry}]` : entry) ?? [];
      if (!name || (onlyPort && onlyPort !== port)) return false;
      if (isIP(name)) return isAddress && inRange(host, name, isIP(name) === 6 ? 128 : 32);
      const written = name.replace(/^\*?\./, "");
      const domain = /[^ -~]/.test(written) ? domainToASCII(written) : written;
      return host.endsWith(`.${domain}`) || (host === domain && !/^\*?\./.test(name));
    });
}

/** An IPv4 address that is written as IPv6 is that of IPv4. */
function inRange(address: string, network: string, bits: number): boolean {
  if (bits > (isIP(network) === 6 ? 128 : 32) || isVersion4(address) !== isVersion4(network)) return false;
  const range = new BlockList();
  range.addSubnet(network, bits, family(network));
  return range.check(address, family(address));
}

function isVersion4(address: string): boolean {
  if (isIP(address) === 4) return true;
  const mapped = new BlockList();
  mapped.addSubnet("::ffff:0:0", 96, "ipv6");
  return mapped.check(address, "ipv6");
}

const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** The proxy refused the connection to the registry. */
export class ProxyRefusedError extends Error {
  override readonly name = "ProxyRefusedError";
  constructor(
    message: string,
    /** Whether the same proxy will say the same again. */
    readonly isFinal = false,
    readonly remedy?: string,
  ) {
    super(message);
  }
}

/**
 * What a proxy wants that answers 407.
 *
 * @param challenge its `Proxy-Authenticate`
 */
export function proxyLogin(challenge: string | undefined): { readonly reason: string; readonly remedy: string } {
  const schemes = (challenge ?? "").toLowerCase();
  const isBasic = schemes === "" || /(?:^|[\s,])basic\b/.test(schemes);
  const name = /^[\s,]*([a-z]{1,20})\b/.exec(schemes)?.[1] ?? "";
  return {
    reason: `the proxy wants ${isBasic ? "another login" : `a login by ${name || "a way of its own"}`} (status 407)`,
    remedy: isBasic
      ? "Write user and password into HTTPS_PROXY (for plain http: HTTP_PROXY), as http://USER:PASSWORD@PROXY:PORT, or name the registry in NO_PROXY"
      : "Basic is the one login that is sent to proxies: go through a proxy of your own that knows the other one (such as cntlm or px), or name the registry in NO_PROXY",
  };
}

/** Where a proxy listens, and the name that its certificate must have; an address is no such name. */
export function proxyAddress(proxy: URL): { host: string; port: number; servername: string } {
  const host = proxy.hostname.replace(/^\[|\]$/g, "");
  const port = Number(proxy.port) || (proxy.protocol === "https:" ? 443 : 80);
  return { host, port, servername: isIP(host) ? "" : host };
}

/** The header by which a proxy knows the user that its URL names. */
export function proxyAuthorization(proxy: URL): string {
  return `Basic ${Buffer.from(`${decodedLogin(proxy.username)}:${decodedLogin(proxy.password)}`).toString("base64")}`;
}
