import * as http from "node:http";
import * as https from "node:https";
import { BlockList, isIP, type Socket } from "node:net";
import { proxyAuthorization } from "./http";

/** `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` and their lower-case forms are read. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

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
  if (host === "localhost" || (isIP(host) > 0 && LOOPBACK.check(host, family))) return true;
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

function inRange(host: string, family: "ipv4" | "ipv6", network: string, bits: number): boolean {
  const networkFamily = isIP(network);
  if (networkFamily === 0 || bits > (networkFamily === 6 ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(network, bits, networkFamily === 6 ? "ipv6" : "ipv4");
  return range.check(host, family);
}

/** Opens tunnels through a proxy to one host (CONNECT, RFC 9110, 9.3.6). Its credentials go to the proxy alone. */
export function tunnel(proxy: URL, target: URL): () => Promise<Socket> {
  const authority = `${target.hostname}:${target.port || 443}`;
  return () =>
    new Promise((resolve, reject) => {
      const secure = proxy.protocol === "https:";
      const request = (secure ? https : http).request({
        host: proxy.hostname,
        port: proxy.port || (secure ? 443 : 80),
        method: "CONNECT",
        path: authority,
        headers: { Host: authority, ...(proxy.username && { "Proxy-Authorization": proxyAuthorization(proxy) }) },
        agent: false,
      });
      request.on("connect", (response, socket) => {
        if (response.statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new ProxyRefusedError(`the proxy ${proxy.host} refused a tunnel (status ${response.statusCode})`));
      });
      request.on("error", () => reject(new ProxyRefusedError(`the proxy ${proxy.host} cannot be reached`)));
      request.end();
    });
}

/** The way to the registry is closed, and it is the proxy that closes it. */
export class ProxyRefusedError extends Error {
  override readonly name = "ProxyRefusedError";
}
