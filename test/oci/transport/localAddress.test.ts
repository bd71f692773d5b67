import * as fc from "fast-check";
import {
  isInternalAddress,
  isInternalHost,
  isLocalAddress,
  isLocalHost,
} from "../../../src/oci/transport/localAddress";

describe("addresses of this machine, its link and its cloud's metadata", () => {
  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
  ])("%s is one", (address) => expect([isLocalAddress(address), isInternalAddress(address)]).toEqual([true, true]));

  it.each(["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"])(
    "%s is that of a private network",
    (address) => expect([isLocalAddress(address), isInternalAddress(address)]).toEqual([false, true]),
  );

  it.each(["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "nonsense", ""])(
    "%s is neither",
    (address) => expect([isLocalAddress(address), isInternalAddress(address)]).toEqual([false, false]),
  );
});

describe("hosts as URLs write them", () => {
  const hostname = (written: string): string => new URL(`http://${written}/`).hostname;

  it.each([
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0",
    "127.0.0.1.",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "localhost",
    "LOCALHOST.",
    "registry.localhost",
    "metadata.google.internal",
    "metadata.google.internal.",
    "0xA9FEA9FE",
    "2852039166",
  ])("%s means a local address", (written) => expect(isLocalHost(hostname(written))).toBe(true));

  it.each(["0xA000001", "10.1", "[fd12::1]"])("%s is one of a private network", (written) =>
    expect([isLocalHost(hostname(written)), isInternalHost(hostname(written))]).toEqual([false, true]),
  );

  it.each(["r.io", "localhost.example.com", "mylocalhost", "8.8.8.8"])("%s is outside", (written) =>
    expect(isInternalHost(hostname(written))).toBe(false),
  );
});

it("an IPv4 address is the same behind every notation of IPv6 that carries it", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const words = address.split(".").map(Number) as [number, number, number, number];
      const hex = [words[0] * 256 + words[1], words[2] * 256 + words[3]].map((word) => word.toString(16)).join(":");
      for (const written of [
        `::ffff:${address}`,
        `::ffff:${hex}`,
        `64:ff9b::${hex}`,
        `64:ff9b::${address}`,
        `2002:${hex}::1`,
      ])
        expect([written, isLocalAddress(written), isInternalAddress(written)]).toEqual([
          written,
          isLocalAddress(address),
          isInternalAddress(address),
        ]);
    }),
  );
});
