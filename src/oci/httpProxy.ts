import { BlockList, isIP } from "node:net";

/** `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` and their lower-case forms are read. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, by the rules of Go's httpproxy, which helm, crane and docker share
 * ({@link https://pkg.go.dev/golang.org/x/net/http/httpproxy}): never one for localhost; `NO_PROXY` holds `*`,
 * domains (with their subdomains), `.domain` (subdomains alone), addresses and CIDR ranges, each with an optional port.
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): URL | undefined {
  const read = (name: string) => environment[name.toUpperCase()] || environment[name.toLowerCase()];
  const proxy = read(url.protocol === "http:" ? "http_proxy" : "https_proxy");
  if (!proxy || isExcluded(url, read("no_proxy") ?? "")) return undefined;
  return new URL(proxy.includes("://") ? proxy : `http://${proxy}`);
}

function isExcluded(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const family = isIP(host) === 6 ? "ipv6" : "ipv4";
  const port = url.port || (url.protocol === "http:" ? "80" : "443");
  if (host === "localhost" || isLoopback(host, family)) return true;
  return noProxy
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean)
    .some((entry) => {
      if (entry === "*") return true;
      const cidr = /^(.+)\/(\d+)$/.exec(entry);
      if (cidr) return isIP(host) > 0 && inRange(host, family, cidr[1] as string, Number(cidr[2]));
      const [, name = entry, onlyPort] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(isIP(entry) ? `[${entry}]` : entry) ?? [];
      if (onlyPort && onlyPort !== port) return false;
      if (isIP(name)) return name === host;
      const domain = name.replace(/^\*/, "");
      return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
    });
}

const isLoopback = (host: string, family: "ipv4" | "ipv6"): boolean =>
  isIP(host) > 0 && (inRange(host, family, "127.0.0.0", 8) || inRange(host, family, "::1", 128));

function inRange(host: string, family: "ipv4" | "ipv6", network: string, bits: number): boolean {
  const networkFamily = isIP(network);
  if (networkFamily === 0 || bits > (networkFamily === 6 ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(network, bits, networkFamily === 6 ? "ipv6" : "ipv4");
  return range.check(host, family);
}

/** The way to the registry is closed, and it is the proxy that closes it. */
export class ProxyRefusedError extends Error {
  override readonly name = "ProxyRefusedError";
}

/** The header by which a proxy knows the user that its URL names. */
export function proxyAuthorization(proxy: URL): string {
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(user).toString("base64")}`;
}
