import type { QuayAnswer } from "./quayConnection";
import { QuayFeatureOffError, QuayRefusedError, QuayUpstreamRefusedError } from "./quayErrors";
import type { OwnerRequests } from "./ownerRequests";

/** What an organization fetches from, when it is a proxy cache. */
export interface ProxyCacheConfig {
  /** `host[/namespace]`: `docker.io`, `europe-west1-docker.pkg.dev/appcircle/docker-registry`. */
  readonly upstream: string;
  /** How long a cached tag is served before the upstream is asked again, in seconds. */
  readonly expirationSeconds: number;
  /** Speak plain http to the upstream. */
  readonly insecure: boolean;
}

/** A login for the upstream of a proxy cache. Quay never tells it again. */
export interface ProxyCacheLogin {
  readonly username?: string;
  readonly password?: string;
}

/** What makes organizations proxy caches: each has one at most. */
export class QuayProxyCaches {
  constructor(private readonly owner: OwnerRequests) {}

  /**
   * @returns what an organization proxies; undefined when nothing, or when there is no such organization
   * @throws {QuayFeatureOffError} when this Quay has no proxy caches; also for organizations that do not exist yet
   */
  async find(organization: string): Promise<ProxyCacheConfig | undefined> {
    const doing = `reading the proxy cache of organization ${organization}`;
    const answer = await this.owner.sendIfThere(organization, {
      doing,
      method: "GET",
      path: ["proxycache"],
      expect: [404],
    });
    if (answer === undefined) return undefined;
    this.needFeature(answer, doing);
    const { upstream_registry, expiration_s, insecure } = answer.body as Record<string, unknown>;
    if (typeof upstream_registry !== "string" || upstream_registry === "") return undefined;
    return { upstream: upstream_registry, expirationSeconds: Number(expiration_s), insecure: insecure === true };
  }

  /**
   * Makes an organization a proxy cache, after Quay has logged in to the upstream.
   *
   * @throws {QuayUpstreamRefusedError} when Quay could not
   */
  async create(organization: string, config: ProxyCacheConfig, login: ProxyCacheLogin): Promise<void> {
    const { upstream, expirationSeconds, insecure } = config;
    const { username, password } = login;
    const body = {
      upstream_registry: upstream,
      ...(username !== undefined && { upstream_registry_username: username }),
      ...(password !== undefined && { upstream_registry_password: password }),
      expiration_s: expirationSeconds,
      insecure,
    };
    const doing = `making organization ${organization} a proxy cache of ${upstream}`;
    const common = { doing, method: "POST" as const, body, secrets: password === undefined ? [] : [password] };
    const post = (path: string) =>
      this.owner.send(organization, { ...common, path: [path], expect: [404] }).catch((error: unknown) => {
        throw error instanceof QuayRefusedError && error.status === 400
          ? new QuayUpstreamRefusedError(this.owner.host, organization, upstream, username, error.reason)
          : error;
      });
    this.needFeature(await post("validateproxycache"), doing);
    this.needFeature(await post("proxycache"), doing);
  }

  /** Makes an organization a plain one again; what was cached stays in it. */
  async delete(organization: string): Promise<void> {
    const doing = `ending the proxy cache of organization ${organization}`;
    await this.owner.sendIfThere(organization, { doing, method: "DELETE", path: ["proxycache"], expect: [404] });
  }

  /** The routes are not there when the feature is off. */
  private needFeature({ status }: QuayAnswer, doing: string): void {
    if (status === 404) throw new QuayFeatureOffError(this.owner.host, doing, "FEATURE_PROXY_CACHE");
  }
}
