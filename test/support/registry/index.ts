export type { Access, Action, User, Users } from "./access/access";
export type { Behaviour, BehaviourOption, Preset } from "./behaviour";
export { certificateAuthority, type CertificateAuthority, type IssuedCertificate } from "./transport/certificates";
export { FaultProgram, type Fault, type FaultAction, type FaultMatch } from "./faults";
export type {
  AuthOptions,
  RegistryOptions,
  RepositoryCatalogue,
  StoredManifest,
  TlsOptions,
  UpstreamOptions,
} from "./options";
export { hashAuthorization, RequestLog, type RecordedRequest, type RequestFilter } from "./transport/requestLog";
export { startRegistry } from "./startRegistry";
export type { TestRegistry } from "./testRegistry";
