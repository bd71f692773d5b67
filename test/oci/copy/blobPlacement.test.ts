import { digestOf } from "../../../src/image/digest";
import { BlobPlacement, ManifestTicket } from "../../../src/oci/copy/blobPlacement";
import type { BlobCopy, BlobTransfer } from "../../../src/oci/copy/blobTransfer";
import { registryKind, registryProfile } from "../../../src/oci/profiles/registryProfiles";
import type { RegistryClient } from "../../../src/oci/registry/client";
import { HostLimits } from "../../../src/oci/registry/limits";
import { DEFAULT_RETRY, Retrier } from "../../../src/oci/transport/retry";
import { FastClock } from "../fixture";

const BLOB = { mediaType: "x/y", digest: digestOf("blob"), size: 4 };
const SESSION = { location: new URL("https://r.io/upload/1") };
const order = { moved: () => undefined, isCancelled: false };

/** A registry as the placement sees it; mounts work only from repositories that `mountable` says. */
function registry(host: string, mountable: (from: string) => boolean, has: readonly string[] = []) {
  const log: string[] = [];
  const client = {
    registry: host,
    hasBlob: (repository: string) => Promise.resolve(has.includes(repository)),
    mount: (repository: string, _: string, from: string) => {
      const works = mountable(from);
      log.push(`${works ? "mounted" : "refused"} ${from} > ${repository}`);
      return Promise.resolve(works ? "mounted" : SESSION);
    },
  } as unknown as RegistryClient;
  const transfer = {
    copy: async ({ target }: BlobCopy, session: unknown) => {
      await new Promise(setImmediate);
      log.push(`uploaded ${target.repository}${session ? " with the offered session" : ""}`);
    },
  } as unknown as BlobTransfer;
  const clock = new FastClock();
  const limits = new HostLimits(() => ({ transfers: 2, requests: 2 }));
  const retrier = new Retrier(clock, Math.random, DEFAULT_RETRY, () => undefined);
  const placement = new BlobPlacement(registryProfile(registryKind(host)), transfer, { limits, retrier });
  const place = (repository: string, ticket: ManifestTicket) =>
    placement.ensure({
      source: { client, repository: "source" },
      target: { client, repository },
      blob: BLOB,
      ticket,
      order,
    });
  return { log, place, placement };
}

/** An image that stores its manifest once its blob is there. */
async function image(place: ReturnType<typeof registry>["place"], repository: string, stored: Set<string>) {
  const ticket = new ManifestTicket();
  const outcome = await place(repository, ticket);
  stored.add(repository);
  ticket.done(true);
  return outcome;
}

it("uploads once and mounts for the others", async () => {
  const { log, place } = registry("r.io", () => true);
  const outcomes = await Promise.all(["a", "b", "c"].map((repository) => image(place, repository, new Set())));
  expect(outcomes).toEqual(["uploaded", "mounted", "mounted"]);
  expect(log).toEqual(["uploaded a", "mounted a > b", "mounted a > c"]);
});

it("lets images of one repository share without a mount", async () => {
  const { log, place } = registry("r.io", () => true);
  expect(await Promise.all(["a", "a"].map((name) => image(place, name, new Set())))).toEqual(["uploaded", "present"]);
  expect(log).toEqual(["uploaded a"]);
});

it("waits at ECR for the leader's manifest before it mounts", async () => {
  const stored = new Set<string>();
  const { log, place } = registry("1.dkr.ecr.eu-west-1.amazonaws.com", (from) => stored.has(from));
  await Promise.all(["a", "b", "c"].map((repository) => image(place, repository, stored)));
  expect(log).toEqual(["uploaded a", "mounted a > b", "mounted a > c"]);
});

it("learns from the first refusal that a registry mounts only what stored manifests name", async () => {
  const stored = new Set<string>();
  const { log, place } = registry("r.io", (from) => stored.has(from));
  const leader = new ManifestTicket();
  await place("a", leader);
  const second = image(place, "b", stored);
  await new Promise(setImmediate);
  stored.add("a");
  leader.done(true);
  expect(await second).toBe("mounted");
  expect(await image(place, "c", stored)).toBe("mounted");
  expect(log).toEqual(["uploaded a", "refused a > b", "mounted a > b", "mounted a > c"]);
});

it("does not wait for an image that began later, which may wait for it", async () => {
  const stored = new Set<string>();
  const { log, place } = registry("1.dkr.ecr.eu-west-1.amazonaws.com", (from) => stored.has(from));
  const early = new ManifestTicket();
  const late = new ManifestTicket();
  await place("late", late);
  expect(await place("early", early)).toBe("uploaded");
  expect(log).toEqual(["uploaded late", "uploaded early"]);
});

it("uploads with the session that a refused mount offers, and stops asking a registry that knows no mounts", async () => {
  const { log, place } = registry("r.io", () => false);
  for (const repository of ["a", "b", "c", "d", "e", "f", "g"]) await image(place, repository, new Set());
  expect(log.filter((line) => line.startsWith("uploaded b"))).toEqual(["uploaded b with the offered session"]);
  expect(log.at(-1)).toBe("uploaded g");
  expect(log.filter((line) => line.includes("> g"))).toEqual([]);
});

it("takes no mount from an image whose manifest was never stored, where that is needed", async () => {
  const { log, place } = registry("1.dkr.ecr.eu-west-1.amazonaws.com", () => false);
  const leader = new ManifestTicket();
  await place("a", leader);
  leader.done(false);
  expect(await image(place, "b", new Set())).toBe("uploaded");
  expect(log).toEqual(["uploaded a", "uploaded b"]);
});

it("does not upload what a repository has from an earlier run, where mounts are refused", async () => {
  for (const host of ["r.io", "1.dkr.ecr.eu-west-1.amazonaws.com"]) {
    const { log, place } = registry(host, () => false, ["b"]);
    expect(await image(place, "a", new Set())).toBe("uploaded");
    expect(await image(place, "b", new Set())).toBe("present");
    expect(log.filter((line) => line.startsWith("uploaded"))).toEqual(["uploaded a"]);
  }
});
