import type { LookupAddress } from "node:dns";
import * as dns from "node:dns";
import type { LookupFunction } from "node:net";
import { isLocalAddress, isLocalHost } from "./localAddress";

/** A server named a place that means this machine or its cloud's metadata to whoever follows it. */
export class LocalAddressError extends Error {
  override readonly name = "LocalAddressError";
  constructor() {
    super("it is an address of this machine, of its link or of its cloud's metadata");
  }
}

/** @throws {LocalAddressError} for a host name that means this machine to everyone */
export function refuseLocalHost(hostname: string): void {
  if (isLocalHost(hostname)) throw new LocalAddressError();
}

/** Looks names up, and refuses those that mean a local address: when the connection is made, so that no later answer differs. */
export function guardedLookup(lookup: LookupFunction = dns.lookup): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, address: string | LookupAddress[], family) => {
      const found = typeof address === "string" ? [address] : (address ?? []).map((one) => one.address);
      if (!error && found.some(isLocalAddress)) return callback(new LocalAddressError(), "", 0);
      callback(error, address, family);
    });
}
