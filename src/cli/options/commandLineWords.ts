import type { Command } from "commander";
import { MirrorError } from "../../error";
import type { SettingWords } from "../../settingWords";

/** The words of the command line, of a command that has all options. */
export const COMMAND_LINE_WORDS: SettingWords = {
  keepHost: "--keep-host",
  ignoreImages: "--ignore-image",
  extraImages: "--extra-image",
  kubeVersion: "--kube-version",
  platforms: "--platform",
  devel: undefined,
  repositoryLogin: "the repository's username and password (to helm repo add, naming the chart ALIAS/NAME here)",
  logins: "the docker configuration (docker login), or --username with --password-stdin where a command has them",
  giveLogin: (host) => `Run docker login ${host}, or give the mirror's login with --username and --password-stdin`,
  giveKubeconfig: () => "Give the kubeconfig's path as --kubeconfig",
  tokenServices: "the file of --registries (tokenServices)",
  caCertificate: "--ca-file, or the file of --registries (caFile)",
  plainHttp: "--plain-http, --plain-http-source or the file of --registries (plainHttp)",
  copyForeignLayers: "--foreign-layers copy",
  pem: "the name of a file in PEM form, which begins with -----BEGIN",
  followTags: "--tags follow",
  pinTags: "--tags pin",
  patching: "let a copy of the chart be patched (--chart-out)",
};

/** The words of a command, which names no option to reach registries that it does not have. */
export function wordsOf({ options }: Pick<Command, "options">): SettingWords {
  const has = (name: string): boolean => options.some(({ long }) => long === name);
  const either = (names: readonly string[], inFile: string): string => {
    const all = [...names.filter(has), `the file of --registries (${inFile})`];
    return all.length > 2 ? `${all.slice(0, -1).join(", ")} or ${all.at(-1)}` : all.join(" or ");
  };
  return {
    ...COMMAND_LINE_WORDS,
    plainHttp: either(["--plain-http", "--plain-http-source"], "plainHttp"),
    caCertificate: either(["--ca-file"], "caFile"),
    ...(!has("--username") && {
      logins: "the docker configuration (docker login)",
      giveLogin: (host: string) => `Run docker login ${host}`,
    }),
  };
}

/** The same for commands that move nothing, and take no images that a chart does not show. */
export const LOOKING_WORDS: SettingWords = {
  ...COMMAND_LINE_WORDS,
  extraImages: "--extra-image of chart-mirror values, plan or lock",
};

/** What went wrong, with advice in the words of the command line. */
export function messageOf(error: unknown, words = COMMAND_LINE_WORDS): string {
  if (error instanceof MirrorError) return error.inWords(words);
  return error instanceof Error ? error.message : String(error);
}
