import { join } from "node:path";
import type { Authentication } from "./access/authentication";
import { resolveBehaviour, type Behaviour } from "./behaviour";
import { certificateAuthority, type IssuedCertificate } from "./transport/certificates";
import { RegistryContent } from "./endpoints/content";
import { FaultProgram } from "./faults";
import { FolderBlobStore } from "./storage/folderBlobStore";
import { fileJournal } from "./journal";
import { Listener, type ListenOptions, type Service } from "./transport/listener";
import { makeLogin } from "./access/login";
import { MemoryBlobStore } from "./storage/memoryBlobStore";
import type { RegistryOptions, RepositoryCatalogue } from "./options";
import { PullThroughCache } from "./pullThroughCache";
import { RegistryError } from "./endpoints/registryError";
import { RegistryService } from "./endpoints/registryService";
import { RequestLog } from "./transport/requestLog";
import { RequestRate } from "./transport/requestRate";
import { actionOf, parseRoute } from "./endpoints/route";
import { RunningRegistry } from "./runningRegistry";
import { StorageHost } from "./storage/storageHost";
import type { TestRegistry } from "./testRegistry";
import type { TokenService } from "./access/tokenService";

/**
 * Starts a registry.
 *
 * @example
 * ```ts
 * const registry = await startRegistry({ auth: { scheme: "basic", users: { robot: "secret" } } });
 * await pushImage(registry, "team/app:1.0", makeImage({ platforms: ["linux/amd64", "linux/arm64"] }));
 * ```
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const behaviour = resolveBehaviour(options.behaviour);
  const content = makeContent(options.storage ?? "memory");
  const catalogue = options.catalogue ?? ownCatalogue(content, behaviour);
  const requests = new RequestLog();
  const faults = new FaultProgram();
  const { tls, auth = { scheme: "none" } } = options;
  const certificate = await makeCertificate(options);
  const address: ListenOptions = {
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    ...(certificate && { certificate }),
    ...(typeof tls === "object" && tls.clientCertificates && { clientCertificates: true }),
  };
  const otherAddress: ListenOptions = { ...address, host: options.otherHost ?? address.host, port: 0 };
  const listen = (service: Service, where = otherAddress) => Listener.start(where, requests, faults, service);

  const storage = options.objectStorage ? new StorageHost(content) : undefined;
  const storageListener = storage && (await listen(storage));
  let tokenListener: Listener | undefined;
  const login = makeLogin(auth, behaviour, options.now ?? Date.now, () => tokenListener?.url ?? "");
  if (auth.scheme === "bearer" && auth.tokenService === "otherHost" && login.tokens)
    tokenListener = await listen(tokenHost(login.tokens));
  const { upstreams } = options;
  const rules = typeof upstreams === "function" ? upstreams : () => Promise.resolve(upstreams ?? []);
  const cache = upstreams && new PullThroughCache(content, catalogue, rules);
  const storageUrl =
    storage && storageListener && ((digest: `${string}:${string}`) => storageListener.url + storage.sign(digest));
  const service = new RegistryService(content, behaviour, catalogue, cache, storageUrl);
  const host = registryHost(service, login.authenticate, tokenListener ? undefined : login.tokens);
  const listener = await listen(options.rate ? new RequestRate(options.rate).before(host) : host, address);
  return new RunningRegistry({
    content,
    login,
    faults,
    requests,
    listener,
    ...(tokenListener && { tokenListener }),
    ...(storageListener && { storageListener }),
    ...(certificate && { ca: certificate.ca }),
    endUploads: () => service.close(),
  });
}

function makeContent(storage: "memory" | { folder: string }): RegistryContent {
  if (storage === "memory") return new RegistryContent(new MemoryBlobStore());
  return new RegistryContent(new FolderBlobStore(storage.folder), fileJournal(join(storage.folder, "journal.jsonl")));
}

async function makeCertificate({
  tls,
  host = "127.0.0.1",
  otherHost = host,
}: RegistryOptions): Promise<IssuedCertificate | undefined> {
  if (!tls) return undefined;
  const { certificate, names = [] } = tls === true ? {} : tls;
  return certificate ?? (await certificateAuthority()).issue([...new Set(["localhost", host, otherHost, ...names])]);
}

/** The registry's own knowledge of its repositories. */
function ownCatalogue(content: RegistryContent, behaviour: Behaviour): RepositoryCatalogue {
  return {
    exists: (repository) => Promise.resolve(content.exists(repository)),
    create: (repository, cause) => {
      const allowed = cause === "pullThrough" || behaviour.createOnPush;
      if (allowed) content.create(repository);
      return Promise.resolve(allowed);
    },
  };
}

/** The registry's address, with the token service that it shares. */
function registryHost(service: RegistryService, authenticate: Authentication, tokens?: TokenService): Service {
  return {
    name: (path) => (tokens?.owns(path) ? "token" : "registry"),
    admit: (method, url, { authorization }) => {
      const route = parseRoute(url.pathname);
      if (!route) return [];
      const need = "repository" in route ? { repository: route.repository, action: actionOf(method) } : undefined;
      return authenticate(authorization, url.origin, need);
    },
    handle: (request) => {
      if (tokens?.owns(request.url.pathname)) return tokens.handle(request);
      const route = parseRoute(request.url.pathname);
      if (!route) throw new RegistryError("UNSUPPORTED", `${request.url.pathname} is no endpoint`, { status: 404 });
      return service.handle(route, request);
    },
  };
}

/** A token service with an address of its own. */
function tokenHost(tokens: TokenService): Service {
  return {
    name: () => "token",
    admit: () => [],
    handle: (request) => {
      if (tokens.owns(request.url.pathname)) return tokens.handle(request);
      throw new RegistryError("UNSUPPORTED", `${request.url.pathname} is no endpoint`, { status: 404 });
    },
  };
}
