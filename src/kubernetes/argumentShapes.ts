import { registryAccess } from "../copy/argumentShapes";
import {
  choice,
  component,
  flag,
  list,
  map,
  anything,
  object,
  plain,
  required,
  text,
  type FieldsOf,
} from "../inputs/argumentShape";
import { AdmissionMode } from "./admission/admissionMode";
import type { AdmissionExceptions } from "./admission/admissionExceptions";
import type { PullCredentials } from "./pullCredentials";
import type { AwsAccessKey, PullSecretRefreshOptions } from "./pullSecretRefreshOptions";

export const pullCredentials = object<PullCredentials>({
  host: required(text),
  username: required(text),
  password: required(text),
});

export const pullSecretFields = {
  name: required(text),
  namespace: text,
  namespaces: plain(list(plain(text))),
  registries: required(list(pullCredentials)),
  include: plain(list(plain(text))),
  expires: plain(flag),
  serviceAccounts: plain(list(plain(text))),
  mountable: plain(flag),
};

const renewal: Omit<FieldsOf<PullSecretRefreshOptions>, "enabled" | "image"> = {
  schedule: plain(text),
  roleArn: text,
  accessKey: plain(object<AwsAccessKey>({ accessKeyId: required(text), secretAccessKey: required(text) })),
};

export const refreshOptions = object<PullSecretRefreshOptions>({
  ...renewal,
  enabled: plain(flag),
  image: plain(text),
});

export const pullSecretRefresherFields = {
  ...renewal,
  secretName: required(text),
  namespace: text,
  namespaces: plain(list(plain(text))),
  host: required(text),
  registries: list(pullCredentials),
  image: text,
};

export const pullCheckFields = {
  targets: required(list(text)),
  access: required(registryAccess),
};

export const objectContributionFields = {
  apiVersion: required(text),
  kind: required(text),
  namespace: text,
  name: required(text),
  contribution: required(map(anything)),
  create: flag,
  kubeconfig: text,
  context: text,
};

export const openShiftImageConfigurationFields = {
  registry: required(
    plain(component("a registry", (value) => typeof (value as { pullReach?: unknown }).pullReach === "function")),
  ),
  upstreams: plain(list(plain(text))),
  kubeconfig: text,
  context: text,
};

export const admissionMode = choice("AdmissionMode", AdmissionMode);

export const admissionExceptions = object<AdmissionExceptions>({
  images: plain(list(plain(text))),
  namespaces: plain(list(plain(text))),
});

export const mirrorAdmissionFields = {
  registry: required(
    plain(component("a registry", (value) => typeof (value as { address?: unknown }).address === "object")),
  ),
  mode: required(plain(admissionMode)),
  namespaces: plain(list(text)),
  allNamespaces: plain(flag),
  exceptions: plain(admissionExceptions),
  images: list(anything),
  upstreams: plain(list(plain(text))),
  pullSecret: plain(text),
  kubeconfig: text,
  context: text,
};
