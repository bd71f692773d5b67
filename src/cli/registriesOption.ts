import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type * as yaml from "../chart/helmYaml";
import { MirrorError } from "../error";
import { isRegistryHost } from "../image/reference";
import type { RegistryAccess } from "../oci/access";

/** A file of `--registries` that cannot be used. `code` is `INVALID_REGISTRIES`. */
export class InvalidRegistriesError extends MirrorError {
  override readonly name = "InvalidRegistriesError";
  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(
      "INVALID_REGISTRIES",
      `reading ${file} of --registries failed: ${reason}`,
      "Write a YAML list of maps with host, and location, plainHttp or caFile where they are needed; logins belong into the docker configuration",
      options,
    );
  }
}

/**
 * Reads how registries are reached: a YAML list of `{ host, location, plainHttp, caFile }`. Logins are not among them:
 * they come from the docker configuration, so that the file can be committed.
 *
 * @throws {InvalidRegistriesError}
 */
export async function readRegistries(file: string | undefined): Promise<RegistryAccess[]> {
  if (file === undefined) return [];
  let content: unknown;
  try {
    // Loaded here, since most runs have no such file.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { parseHelmYaml } = require("../chart/helmYaml") as typeof yaml;
    content = parseHelmYaml(await readFile(file, "utf8"));
  } catch (error) {
    throw new InvalidRegistriesError(file, (error as Error).message, { cause: error });
  }
  if (!Array.isArray(content)) throw new InvalidRegistriesError(file, "it holds no list");
  return Promise.all(content.map((entry) => accessFrom(entry, file)));
}

async function accessFrom(entry: unknown, file: string): Promise<RegistryAccess> {
  if (typeof entry !== "object" || entry === null) throw new InvalidRegistriesError(file, "an entry is no map");
  const { host, location, plainHttp, caFile, ...rest } = entry as Record<string, unknown>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new InvalidRegistriesError(file, `an entry has the unknown key ${unknown[0]}`);
  if (typeof host !== "string" || !isRegistryHost(host))
    throw new InvalidRegistriesError(file, `${JSON.stringify(host)} is no host`);
  if (location !== undefined && typeof location !== "string")
    throw new InvalidRegistriesError(file, `the location of ${host} is no text`);
  if (plainHttp !== undefined && typeof plainHttp !== "boolean")
    throw new InvalidRegistriesError(file, `plainHttp of ${host} is neither true nor false`);
  if (caFile !== undefined && typeof caFile !== "string")
    throw new InvalidRegistriesError(file, `the caFile of ${host} is no text`);
  return {
    host,
    ...(location !== undefined && { location }),
    ...(plainHttp !== undefined && { plainHttp }),
    ...(caFile !== undefined && { caCertificates: [await certificate(file, caFile)] }),
  };
}

/** @param caFile relative to the file that names it */
async function certificate(file: string, caFile: string): Promise<string> {
  try {
    return await readFile(resolve(dirname(file), caFile), "utf8");
  } catch (error) {
    throw new InvalidRegistriesError(file, (error as Error).message, { cause: error });
  }
}
