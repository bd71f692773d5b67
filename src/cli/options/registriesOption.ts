import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { MirrorError } from "../../error";
import { failureReason } from "../../files/fileError";
import { hideLogin } from "../../image/addressLogin";
import { isRegistryHost } from "../../image/reference";
import type { RegistryAccess } from "../../oci/transport/access";

/** A file of `--registries` that cannot be used. `code` is `INVALID_REGISTRIES`. */
export function invalidRegistries(file: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "INVALID_REGISTRIES",
    `reading ${file} of --registries failed: ${reason}`,
    "Write a YAML list of maps with host, and location, plainHttp, caFile, certFile with keyFile, tokenServices or internalRedirects where they are needed; logins belong into the docker configuration",
    options,
  );
}

/**
 * Reads how registries are reached: a YAML list of `{ host, location, plainHttp, caFile, certFile, keyFile, tokenServices,
 * internalRedirects }`.
 * Logins are not among them: they come from the docker configuration, so that the file can be committed.
 *
 * @throws {MirrorError} `INVALID_REGISTRIES`
 */
export async function readRegistries(file: string | undefined): Promise<RegistryAccess[]> {
  if (file === undefined) return [];
  let content: unknown;
  try {
    // Loaded here, since most runs have no such file.
    const { parseHelmYaml } = require("../../chart/content/helmYaml") as typeof import("../../chart/content/helmYaml");
    content = parseHelmYaml(await readFile(file, "utf8"));
  } catch (error) {
    throw invalidRegistries(file, failureReason(error), { cause: error });
  }
  if (!Array.isArray(content)) throw invalidRegistries(file, "it holds no list");
  return Promise.all(content.map((entry) => accessFrom(entry, file)));
}

async function accessFrom(entry: unknown, file: string): Promise<RegistryAccess> {
  if (typeof entry !== "object" || entry === null) throw invalidRegistries(file, "an entry is no map");
  const { host, location, plainHttp, caFile, certFile, keyFile, tokenServices, internalRedirects, ...rest } =
    entry as Record<string, unknown>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw invalidRegistries(file, `an entry has the unknown key ${unknown[0]}`);
  if (host === undefined) throw invalidRegistries(file, "an entry has no host");
  if (typeof host !== "string" || !isRegistryHost(host))
    throw invalidRegistries(file, `${JSON.stringify(typeof host === "string" ? hideLogin(host) : host)} is no host`);
  if (location !== undefined && typeof location !== "string")
    throw invalidRegistries(file, `the location of ${host} is no text`);
  if (plainHttp !== undefined && typeof plainHttp !== "boolean")
    throw invalidRegistries(file, `plainHttp of ${host} is neither true nor false`);
  if (internalRedirects !== undefined && typeof internalRedirects !== "boolean")
    throw invalidRegistries(file, `internalRedirects of ${host} is neither true nor false`);
  for (const [key, value] of Object.entries({ caFile, certFile, keyFile }))
    if (value !== undefined && typeof value !== "string")
      throw invalidRegistries(file, `the ${key} of ${host} is no text`);
  if ((certFile === undefined) !== (keyFile === undefined))
    throw invalidRegistries(file, `${host} has one of certFile and keyFile without the other`);
  if (tokenServices !== undefined && !isTexts(tokenServices))
    throw invalidRegistries(file, `tokenServices of ${host} is no list of hosts`);
  const read = (path: unknown) => contentOf(file, path as string);
  return {
    host,
    location,
    plainHttp,
    ...(caFile !== undefined && { caCertificates: [await read(caFile)] }),
    ...(certFile !== undefined && { clientCertificate: { cert: await read(certFile), key: await read(keyFile) } }),
    tokenServices,
    internalRedirects,
  };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");

/** @param path relative to the file that names it */
async function contentOf(file: string, path: string): Promise<string> {
  try {
    return await readFile(resolve(dirname(file), path), "utf8");
  } catch (error) {
    throw invalidRegistries(file, failureReason(error), { cause: error });
  }
}
