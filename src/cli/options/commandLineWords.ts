import { MirrorError } from "../../error";
import type { SettingWords } from "../../settingWords";

/** The words of the command line. */
export const COMMAND_LINE_WORDS: SettingWords = {
  keepHost: "--keep-host",
  ignoreImages: "--ignore-image",
  extraImages: "--extra-image",
  kubeVersion: "--kube-version",
  platforms: "--platform",
  devel: undefined,
  repositoryLogin: "the repository's username and password (to helm repo add, naming the chart ALIAS/NAME here)",
  logins: "the docker configuration (docker login), or --username with --password-stdin where a command has them",
  tokenServices: "the file of --registries (tokenServices)",
  caCertificate: "--ca-file, or the file of --registries (caFile)",
  plainHttp: "--plain-http, --plain-http-source or the file of --registries (plainHttp)",
  copyForeignLayers: "--foreign-layers copy",
  pem: "the name of a file in PEM form, which begins with -----BEGIN",
  followTags: "--tags follow",
  pinTags: "--tags pin",
  patching: "let a copy of the chart be patched (--chart-out)",
};

/** The same for commands that move nothing, and take no images that a chart does not show. */
export const LOOKING_WORDS: SettingWords = {
  ...COMMAND_LINE_WORDS,
  extraImages: "--extra-image of chart-mirror values, plan or lock",
};

/** What went wrong, with advice in the words of the command line. */
export function messageOf(error: unknown): string {
  if (error instanceof MirrorError) return error.inWords(COMMAND_LINE_WORDS);
  return error instanceof Error ? error.message : String(error);
}
