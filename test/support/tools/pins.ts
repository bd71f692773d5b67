/**
 * The version of every external tool that the tests use.
 *
 * A tool that is built from a Go module also has this version in `go/<tool>/go.mod`; a test holds the two together.
 * Packages of Debian are not here: its archive serves only the newest version of a release, so the release pins them.
 */
export const pins = {
  helm: "3.19.5",
  pulumi: "3.250.0",
  /** The last version of the SDK that has the language hosts in its own Go module; they serve newer engines. */
  pulumiLanguageNodejs: "3.60.0",
  /** The newest of which the module proxy has all that it is built from. */
  pulumiLanguageYaml: "1.25.0",
  pulumiPython: "3.272.0",
  /** The newest here whose module has the generators of all languages but Java's; .NET's has moved away since. */
  pulumiCodegen: "3.206.0",
  kubernetes: "1.34.4",
  etcd: "3.6.4",
  /** Of the second set, by which tests of what changes with Kubernetes run again: npm run test:kubernetes-next. */
  kubernetesNext: "1.36.3",
  etcdNext: "3.6.8",
  distribution: "3.1.2",
  goContainerregistry: "0.22.1",
  regclient: "0.11.7",
  oras: "1.3.6",
  olareg: "0.2.2",
  gitea: "1.27.3",
  wharfie: "0.7.1",
  containerdModule: "1.7.35",
  actionlint: "1.7.12",
  openshiftApi: "0.0.0-20251015095338-264e80a2b6e7",
  moto: "5.2.5",
  node22: "22.23.3",
  node24: "24.21.0",
  bun: "1.4.4",
  pnpm: "10.34.9",
  yarnClassic: "1.22.22",
  yarnBerry: "4.18.1",
} as const;
