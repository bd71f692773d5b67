export type { Access, Action, User, Users } from "./access";
export type { Behaviour, BehaviourOption, Preset } from "./behaviour";
export type { IssuedCertificate } from "./certificates";
export type { Fault, FaultAction, FaultMatch, FaultProgram } from "./faults";
export type {
  AuthOptions,
  RegistryOptions,
  RepositoryCatalogue,
  StoredManifest,
  TlsOptions,
  UpstreamOptions,
} from "./options";
export { hashAuthorization, RequestLog, type RecordedRequest, type RequestFilter } from "./requestLog";
export type { StartRegistry, TestRegistry } from "./testRegistry";
