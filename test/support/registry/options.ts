import type { Digest } from "../../../src/image/digest";
import type { Access, Users } from "./access/access";
import type { BehaviourOption } from "./behaviour";
import type { IssuedCertificate } from "./transport/certificates";
import type { RequestRateOptions } from "./transport/requestRate";

/** How a registry is started. All but functions can stand in a JSON file for `main.ts`. */
export interface RegistryOptions {
  /** Address to listen on. Default `127.0.0.1`; any other `127.x.y.z` is another host to clients. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
  /** Where content is kept; a folder survives restarts and holds no blob in memory. Default `memory`. */
  storage?: "memory" | { folder: string };
  /** Default: no login. */
  auth?: AuthOptions;
  /** Serve https; the certificate is of this process's own authority (`registry.ca`). Default plain http. */
  tls?: boolean | TlsOptions;
  /** Which registry is played. Default: all that the specification offers. */
  behaviour?: BehaviourOption;
  /** GET of a blob answers a redirect to a storage host of its own that refuses any Authorization header, as S3 does. */
  objectStorage?: boolean;
  /**
   * Address of a token service and storage host that are apart from the registry. Default: the registry's, on other
   * ports. Clients written in Go do not count the port as part of a host, so give them another address (`127.0.0.2`).
   */
  otherHost?: string;
  /** Registries from which missing content is fetched and kept (pull-through cache); a function is asked at each fetch. */
  upstreams?: readonly UpstreamOptions[] | (() => Promise<readonly UpstreamOptions[]>);
  /** Refuses requests above a rate. Default: takes any number. */
  rate?: RequestRateOptions;
  /** Who knows which repositories exist. Default: the registry itself. */
  catalogue?: RepositoryCatalogue;
  /** Milliseconds since 1970, for the expiry of tokens. Default `Date.now`. */
  now?: () => number;
}

/** Login of a registry. */
export type AuthOptions =
  | { scheme: "none" }
  | {
      scheme: "basic";
      users: Users;
      /** Rights without login. Default none. */
      anonymous?: readonly Access[];
      /** Knows logins that are not among the users. */
      check?: (name: string, password: string) => readonly Access[] | undefined;
    }
  | {
      scheme: "bearer";
      users: Users;
      anonymous?: readonly Access[];
      /** Whether the token service listens on an address of its own. Default `sameHost`. */
      tokenService?: "sameHost" | "otherHost";
      /** The realm to name instead of the token service's own, such as another registry's. */
      realm?: string;
      /** Lifetime of a token in seconds. Default 300. */
      expiresIn?: number;
      /** Knows logins that are not among the users. */
      check?: (name: string, password: string) => readonly Access[] | undefined;
      /** ACR: the Azure AD tokens that can be exchanged, with the rights that their refresh token gives. */
      exchange?: Readonly<Record<string, readonly Access[]>> | ((token: string) => readonly Access[] | undefined);
    };

/** Certificates of an https registry. */
export interface TlsOptions {
  /** DNS names and IP addresses beside `localhost` and the listening address. */
  names?: readonly string[];
  /** A certificate made elsewhere, such as one that several processes share. */
  certificate?: IssuedCertificate;
  /** Refuse clients without a certificate of the same authority. */
  clientCertificates?: boolean;
}

/** A registry behind a pull-through cache. */
export interface UpstreamOptions {
  /** First segments of the repositories that come from here; they are dropped upstream. Default: all repositories. */
  prefix?: string;
  /** `http://host:port` or `https://host:port`. */
  url: string;
  /** Put before the repository upstream: `appcircle/docker-registry`. */
  path?: string;
  username?: string;
  password?: string;
  /** PEM certificate authority of the upstream. */
  ca?: string;
}

/** Knows which repositories exist, and is told what is stored in them: moto's ECR, for one. */
export interface RepositoryCatalogue {
  exists(repository: string): Promise<boolean>;
  /** Makes a repository that was not there; false when it may not be made so. */
  create(repository: string, cause: "push" | "pullThrough"): Promise<boolean>;
  /** Overrides `Behaviour.immutableTags` for one tag. */
  isImmutable?(repository: string, tag: string): Promise<boolean>;
  /** Overrides `Behaviour.mount`: whether a blob may be mounted rather than uploaded. */
  mayMount?(repository: string, from: string): Promise<boolean>;
  /** Called after a manifest was stored, before the client is told. */
  manifestStored?(repository: string, manifest: StoredManifest, tag?: string): Promise<void>;
}

/** A manifest as a registry keeps it. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}
