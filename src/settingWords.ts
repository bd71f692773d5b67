/**
 * What people call the settings that advice names: a program has arguments, a command line has options. Errors and findings are
 * put into the words of the way they came about.
 */
export interface SettingWords {
  readonly keepHost: string;
  readonly ignoreImages: string;
  readonly extraImages: string;
  readonly kubeVersion: string;
  readonly platforms: string;
  /** Version ranges that take pre-releases. */
  readonly devel: string | undefined;
  /** Where a chart repository's login is said. */
  readonly repositoryLogin: string;
  /** Where registries' logins belong. */
  readonly logins: string;
  /** How a host is given a login that it wants. */
  readonly giveLogin: (host: string) => string;
  /** How a kubeconfig is given. @param argument the one of programs that takes it */
  readonly giveKubeconfig: (argument: string) => string;
  readonly tokenServices: string;
  readonly caCertificate: string;
  readonly plainHttp: string;
  /** What has foreign layers copied. */
  readonly copyForeignLayers: string;
  /** A certificate or key as it is to be given. */
  readonly pem: string;
  /** What to do with a tag that has moved: take the new image, keep the known one. */
  readonly followTags: string;
  readonly pinTags: string;
  /** What lets a chart be patched where no value reaches an image. */
  readonly patching: string;
}

/** Advice that names settings. */
export type Advice = string | ((words: SettingWords) => string);

/** The words of Pulumi programs, which hold unless others are asked for. */
export const PROGRAM_WORDS: SettingWords = {
  keepHost: "keepHost",
  ignoreImages: "ignoreImages",
  extraImages: "extraImages",
  kubeVersion: "kubeVersion",
  platforms: "platforms",
  devel: "devel",
  repositoryLogin: "the repository's username and password",
  logins: "the credentials of the registry, or the docker configuration (docker login)",
  giveLogin: (host) =>
    `Give the registry ${host} credentials, or sourceAccess where it is a source, or run docker login ${host}`,
  giveKubeconfig: (argument) => `Give the kubeconfig, its text or its path, as ${argument}`,
  tokenServices: "tokenServices of the registry, or of the host in sourceAccess",
  caCertificate: "caCertificate of the registry, or of the host in sourceAccess",
  plainHttp: "plainHttp: true of the registry, or of the host in sourceAccess",
  copyForeignLayers: "foreignLayers: ForeignLayers.Copy",
  pem: "PEM text: the content of a file and not its name, beginning with -----BEGIN",
  followTags: 'tags: "follow"',
  pinTags: 'tags: "pin"',
  patching: "let the chart be patched",
};

/** Advice as a text: settings are called as in a program, or as on the command line. */
export function adviceIn(advice: Advice, words: SettingWords): string {
  return typeof advice === "string" ? advice : advice(words);
}
