import { canonicalHost } from "../../image/reference";
import type { RegistryAccess } from "../../oci/transport/access";
import type { MirrorAddress } from "../../plan/layout";
import { invalidCopy, type CopyCommandOptions } from "../options/copyCommandOptions";
import type { Input } from "../options/passwordInput";

/** Loaded with the first file that is read, and with a password: most runs have none. */
const load = {
  fileError: () => require("../../files/fileError") as typeof import("../../files/fileError"),
  passwordInput: () => require("../options/passwordInput") as typeof import("../options/passwordInput"),
  readText: () => require("../../files/readText") as typeof import("../../files/readText"),
  registriesOption: () => require("../options/registriesOption") as typeof import("../options/registriesOption"),
};

/** How the registries of a copy are reached. */
export type AccessOptions = Pick<
  CopyCommandOptions,
  "username" | "passwordStdin" | "plainHttp" | "caFile" | "registries"
> & {
  readonly plainHttpSource?: readonly string[];
  /** Files of values, of commands that read a chart. */
  readonly values?: readonly string[];
  /** Arguments of `--set-file`, of the same commands. */
  readonly setFile?: readonly string[];
};

/** A file of `--set-file` that is standard input, as Helm takes it: `a=-`, `a={-,FILE}`, `a=FILE,b=-`. */
const SET_INPUT = /[={,]\s*-\s*(?:[,}]|$)/;

/** What of it does not go together. */
export function accessProblems(options: AccessOptions): Error[] {
  const { username, passwordStdin, plainHttp, caFile, values = [], setFile = [] } = options;
  const problems: Error[] = [];
  if ((username !== undefined) !== (passwordStdin === true))
    problems.push(invalidCopy("--username and --password-stdin need each other"));
  if (passwordStdin && values.some((files) => files.split(",").some((file) => file.trim() === "-")))
    problems.push(invalidCopy("--password-stdin and --values - both read standard input"));
  if (passwordStdin && setFile.some((argument) => SET_INPUT.test(argument)))
    problems.push(invalidCopy("--password-stdin and --set-file with - both read standard input"));
  if (plainHttp && caFile !== undefined)
    problems.push(invalidCopy("--plain-http and --ca-file exclude each other: http has no certificate"));
  return problems;
}

/** Logins are those of this machine, but for the mirror's where one is given. What single options say goes before the file. */
export async function accessOf(
  mirror: Pick<MirrorAddress, "host"> | undefined,
  options: AccessOptions,
  input: Input,
): Promise<RegistryAccess[]> {
  const { username, plainHttp, plainHttpSource = [], caFile, registries } = options;
  const listed = registries === undefined ? [] : await load.registriesOption().readRegistries(registries);
  const all = new Map(listed.map((access) => [canonicalHost(access.host), access]));
  const add = (access: RegistryAccess): void => {
    const host = canonicalHost(access.host);
    all.set(host, { ...all.get(host), ...access });
  };
  for (const host of plainHttpSource) add({ host, plainHttp: true });
  if (mirror)
    add({
      host: mirror.host,
      ...(plainHttp && { plainHttp }),
      ...(caFile !== undefined && { caCertificates: [await readAuthority(caFile)] }),
      ...(username !== undefined && { username, password: await load.passwordInput().readPassword(input) }),
    });
  return [...all.values()];
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await load.readText().readText(file);
  } catch (error) {
    throw invalidCopy(
      `reading the certificate ${file}: ${load.fileError().failureReason(error)}`,
      "Name a file in PEM form",
      {
        cause: error,
      },
    );
  }
}
