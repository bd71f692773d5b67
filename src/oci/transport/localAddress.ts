import { BlockList, isIP } from "node:net";

/**
 * Addresses that mean this machine, its link, or what its cloud tells it about itself, its logins among that: no server
 * outside has its files there. Loopback and unspecified (RFC 6890), link-local (RFC 3927, RFC 4291), and the metadata
 * services that are not link-local: AWS and Google over IPv6, Alibaba, Oracle, Azure.
 */
const LOCAL = blockList(
  "0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 255.255.255.255/32 100.100.100.200/32 192.0.0.192/32 168.63.129.16/32 " +
    "::/128 ::1/128 fe80::/10 fd00:ec2::254/128 fd20:ce::254/128",
);
/** Addresses of private networks (RFC 1918, RFC 6598, RFC 4193), where a company may well have its stores. */
const PRIVATE = blockList("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 192.0.0.0/24 fc00::/7 fec0::/10");

const LOCAL_NAMES =
  /(?:^|\.)localhost$|^(?:localhost\.localdomain|localhost6?|ip6-localhost|ip6-loopback|metadata|metadata\.google\.internal|metadata\.goog|instance-data|instance-data\.ec2\.internal)$/;

/** Whether an address is this machine's, its link's, or its cloud's metadata, in whatever way it is written. */
export const isLocalAddress = (address: string): boolean => isIn(LOCAL, address);

/** Whether an address is one of those or of a private network. */
export const isInternalAddress = (address: string): boolean => isIn(LOCAL, address) || isIn(PRIVATE, address);

/** Like {@link isLocalAddress}, of a URL's host name, which may be a name that means such an address to everyone. */
export function isLocalHost(hostname: string): boolean {
  const host = bare(hostname);
  return isIP(host) > 0 ? isLocalAddress(host) : LOCAL_NAMES.test(host);
}

/** Like {@link isInternalAddress}, of a URL's host name. Other names are not looked up. */
export const isInternalHost = (hostname: string): boolean => isLocalHost(hostname) || isInternalAddress(bare(hostname));

const bare = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");

function blockList(ranges: string): BlockList {
  const list = new BlockList();
  for (const range of ranges.split(" ")) {
    const [network = "", bits] = range.split("/");
    list.addSubnet(network, Number(bits), family(network));
  }
  return list;
}

function isIn(list: BlockList, written: string): boolean {
  // Without the interface that a link-local address may name.
  const address = written.split("%", 1)[0] as string;
  if (isIP(address) === 0) return false;
  if (list.check(address, family(address))) return true;
  return isIP(address) === 6 && versions4(address).some((one) => list.check(one, "ipv4"));
}

/**
 * The IPv4 addresses that an IPv6 address stands for: mapped (`::ffff:0:0/96`), compatible (`::/96`), translated
 * (`::ffff:0:0:0/96`), behind NAT64 (`64:ff9b::/96`, `64:ff9b:1::/48`) and 6to4 (`2002::/16`).
 */
function versions4(address: string): string[] {
  const words = wordsOf(address);
  const at = (index: number): string => {
    const [high = 0, low = 0] = words.slice(index, index + 2);
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  };
  const start = words
    .slice(0, 6)
    .map((word) => word.toString(16))
    .join(":");
  if (/^(?:0:0:0:0:0:(?:0|ffff)|0:0:0:0:ffff:0|64:ff9b:.*)$/.test(start)) return [at(6)];
  return words[0] === 0x2002 ? [at(1)] : [];
}

/** The eight words of an IPv6 address. */
function wordsOf(address: string): number[] {
  // A URL writes all of it in hexadecimal.
  const [before = "", behind] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const words = (text: string): number[] => (text === "" ? [] : text.split(":").map((word) => parseInt(word, 16)));
  const [first, last] = [words(before), words(behind ?? "")];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
