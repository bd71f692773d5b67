import { readFile } from "node:fs/promises";
import { decodedLogin, hideLogin, holdsLogin, LOGIN_IN_ADDRESS, shownUser } from "../../image/addressLogin";
import { InvalidReferenceError } from "../../image/reference";
import { CHART_LIMITS, ChartTooLargeError } from "../content/chartLimits";
import {
  chooseVersion,
  findInIndex,
  MAX_INDEX,
  newestOf,
  parseRepositoryIndex,
  type RepositoryIndex,
} from "./chartRepository";
import { cachedIndex, namedRepositories, type HelmHome } from "./helmRepositories";
import { DownloadTooLargeError, type HttpAnswer, type HttpGet } from "./httpGet";
import type { RepositoryOptions } from "./repositoryOptions";
import {
  ChartLoginRefusedError,
  ChartNotFoundError,
  ChartRepositoryUnreachableError,
  ChartVersionNotFoundError,
} from "./sourceErrors";

/** A chart as `helm install` names one. */
export interface ChartSource {
  /** A folder, a `.tgz` archive or its URL, `oci://HOST/PATH`, `NAME` with a repository's URL, or `ALIAS/NAME`. */
  readonly chart: string;
  /** A version or a range of them, as `~1.2`; the newest release unless told. Not looked at for a folder or an archive. */
  readonly version?: string;
  /** Takes pre-releases, too, where no version is given. */
  readonly devel?: boolean;
  readonly repository?: RepositoryOptions;
  /** Fetches what a folder's `charts/` lacks, as `helm dependency update` does, into a copy of it. */
  readonly dependencyUpdate?: boolean;
}

/** Charts in OCI registries: what this layer takes from the OCI layer. `repository` is `HOST[:PORT]/PATH`. */
export interface OciCharts {
  readonly tags: (repository: string, options: RepositoryOptions) => Promise<readonly string[]>;
  /** The chart's archive: the layer of type `application/vnd.cncf.helm.chart.content.v1.tar+gzip`. */
  readonly pull: (repository: string, tagOrDigest: string, options: RepositoryOptions) => Promise<Buffer>;
}

/** How charts are fetched: HTTP, OCI registries, and helm's list of repositories. */
export interface ChartSourceDeps {
  readonly get: HttpGet;
  readonly oci: OciCharts;
  /** Where `ALIAS/NAME` is looked up. */
  readonly helm: HelmHome;
}

/** An archive beyond what a chart may unpack to. */
export function tooLargeArchive(name: string, options?: { cause?: unknown }): ChartTooLargeError {
  return new ChartTooLargeError(name, `its archive is larger than ${CHART_LIMITS.unpacked} bytes`, options);
}

/** Fetches the archive of a chart that is not on this machine. */
export class ChartFetch {
  private readonly options: RepositoryOptions;
  /** The chart as errors name it. */
  private readonly name: string;
  /** What the archive was asked for by, where it came from an OCI registry. */
  tag: string | undefined;

  constructor(
    private readonly source: ChartSource,
    private readonly deps: ChartSourceDeps,
  ) {
    this.options = source.repository ?? {};
    this.name = withoutLogin(source.chart);
  }

  async archive(): Promise<Buffer> {
    const { chart } = this.source;
    if (chart.startsWith("oci://")) return this.fromRegistry(chart, this.options);
    const { url } = this.options;
    if (url?.startsWith("oci://")) return this.fromRegistry(`${url.replace(/(?<!\/)\/+$/, "")}/${chart}`, this.options);
    if (/^https?:\/\//.test(chart)) return this.download(chart, this.options, chart, CHART_LIMITS.unpacked);
    if (url !== undefined && !isWebUrl(url)) throw this.noUrl(url);
    if (url !== undefined) return this.fromIndex(chart, url, this.options, await this.fetchIndex(url, this.options));
    return this.fromAlias(chart);
  }

  private async fromAlias(chart: string): Promise<Buffer> {
    const [alias = "", name, ...rest] = chart.split("/");
    const remedy = "Name a folder, an archive, an oci:// reference, or a repository's URL";
    if (holdsLogin(chart)) throw new ChartNotFoundError(this.name, LOGIN_IN_ADDRESS, [], remedy);
    if (name === undefined || rest.length > 0)
      throw new ChartNotFoundError(this.name, "it is no path on this machine and no repository is given", [], remedy);
    const { helm } = this.deps;
    const known = await namedRepositories(helm);
    const repository = known.find((candidate) => candidate.name === alias);
    if (!repository)
      throw new ChartNotFoundError(
        chart,
        `Helm knows no repository ${alias} (${helm.repositories})`,
        [],
        `Run: helm repo add ${alias} URL`,
      );
    const { options } = repository;
    const url = options.url as string;
    if (url.startsWith("oci://")) return this.fromRegistry(`${url.replace(/(?<!\/)\/+$/, "")}/${name}`, options);
    if (!isWebUrl(url)) throw this.noUrl(url);
    const cached = await cachedIndex(helm, alias);
    const index = cached === undefined ? await this.fetchIndex(url, options) : this.parseIndex(cached, url);
    return this.fromIndex(name, url, options, index);
  }

  private async fromIndex(
    name: string,
    url: string,
    options: RepositoryOptions,
    index: RepositoryIndex,
  ): Promise<Buffer> {
    const { version, devel } = this.source;
    const entry = findInIndex(index, name, version, withoutLogin(url), devel);
    const [location] = entry.urls;
    if (location === undefined || !URL.canParse(location, url))
      throw new ChartNotFoundError(name, `${withoutLogin(url)} tells no URL of version ${entry.version}`);
    if (location.startsWith("oci://"))
      return this.fromRegistry(
        location,
        isLoginFor(location, url, options) ? options : withoutOwn(options),
        entry.version,
      );
    return this.download(absolute(location, url), options, url, CHART_LIMITS.unpacked);
  }

  private async fetchIndex(url: string, options: RepositoryOptions): Promise<RepositoryIndex> {
    const body = await this.download(absolute("index.yaml", url), options, url, MAX_INDEX);
    return this.parseIndex(body.toString("utf8"), url);
  }

  private parseIndex(text: string, url: string): RepositoryIndex {
    try {
      return parseRepositoryIndex(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ChartRepositoryUnreachableError(this.name, withoutLogin(url), reason, { cause: error });
    }
  }

  private async fromRegistry(reference: string, options: RepositoryOptions, exact?: string): Promise<Buffer> {
    if (holdsLogin(reference)) throw new InvalidReferenceError(reference, LOGIN_IN_ADDRESS);
    const [, repository = "", tag, digest] = /^oci:\/\/([^@]*?)(?::([^/:@]+))?(?:@(.+))?$/.exec(reference) ?? [];
    const { oci } = this.deps;
    if (digest !== undefined) return oci.pull(repository, digest, options);
    const wanted = tag ?? exact ?? this.source.version;
    // A plus is no character of a tag: Helm writes an underscore ({@link https://helm.sh/docs/topics/registries/}).
    if (wanted !== undefined && /^v?\d+\.\d+\.\d+/.test(wanted) && !/[\s|,]/.test(wanted))
      return oci.pull(repository, (this.tag = wanted.replaceAll("+", "_")), options);
    const versions = (await oci.tags(repository, options)).map((text) => text.replaceAll("_", "+"));
    const version = chooseVersion(versions, wanted, this.source.devel);
    if (version === undefined)
      throw new ChartVersionNotFoundError(this.name, wanted ?? "", repository, newestOf(versions, 5));
    return oci.pull(repository, (this.tag = version.replaceAll("+", "_")), options);
  }

  /**
   * @param home the repository's URL: the login is for its scheme, host and port alone
   * @param limit bytes
   */
  private async download(url: string, options: RepositoryOptions, home: string, limit: number): Promise<Buffer> {
    const { username, password, passCredentials } = options;
    if (!isWebUrl(url)) throw this.noUrl(url);
    const at = new URL(url);
    const own = passCredentials === true || at.origin === new URL(home).origin;
    const inUrl =
      at.username === "" ? undefined : { username: decodedLogin(at.username), password: decodedLogin(at.password) };
    const login = own ? (username !== undefined && password !== undefined ? { username, password } : inUrl) : undefined;
    at.username = at.password = "";
    const tls = await this.tls(options, own);
    let answer: HttpAnswer;
    try {
      answer = await this.deps.get({
        url: at.href,
        namedBy: home,
        login,
        passCredentials,
        tls,
        limit,
      });
    } catch (error) {
      if (error instanceof DownloadTooLargeError && limit === CHART_LIMITS.unpacked)
        throw tooLargeArchive(this.name, { cause: error });
      const reason =
        error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);
      throw new ChartRepositoryUnreachableError(this.name, withoutLogin(url), reason, { cause: error });
    }
    const { status, body } = answer;
    if (status === 401 || status === 403) {
      const user = login && shownUser(login.username, login.password);
      throw new ChartLoginRefusedError(this.name, at.host, user, status);
    }
    if (status !== 200)
      throw new ChartRepositoryUnreachableError(this.name, withoutLogin(url), `it answers with HTTP ${status}`);
    return body;
  }

  private noUrl(url: string): ChartRepositoryUnreachableError {
    return new ChartRepositoryUnreachableError(this.name, withoutLogin(url), "it is no URL with http or https");
  }

  private async tls(options: RepositoryOptions, own: boolean): Promise<{ ca?: string; cert?: string; key?: string }> {
    const files = { ca: options.caFile, ...(own && { cert: options.certFile, key: options.keyFile }) };
    const texts: { ca?: string; cert?: string; key?: string } = {};
    for (const [name, file] of Object.entries(files) as [keyof typeof texts, string | undefined][])
      if (file !== undefined) texts[name] = await readFile(file, "utf8");
    return texts;
  }
}

/** Resolves as Helm does: below the repository's URL even where that has no slash at its end; its query stays. */
function absolute(location: string, repository: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return location;
  const base = new URL(repository);
  base.pathname = `${base.pathname.replace(/(?<!\/)\/+$/, "")}/`;
  const url = new URL(location, base);
  url.search = base.search;
  return url.href;
}

/** Whether the login of a repository is for the registry that its index points to: for its own host and port alone. */
function isLoginFor(reference: string, home: string, { passCredentials }: RepositoryOptions): boolean {
  const { origin, protocol } = new URL(home);
  const web = reference.replace(/^oci:/, protocol);
  return passCredentials === true || (URL.canParse(web) && new URL(web).origin === origin);
}

/** What is left of options at a host of somebody else's. */
function withoutOwn({ caFile, plainHttp }: RepositoryOptions): RepositoryOptions {
  return { caFile, plainHttp };
}

/** Node's own error of what is no URL holds the whole text. */
const isWebUrl = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

/** Errors and logs show URLs, and a URL can hold a password, in its query too. Charts have other names than URLs. */
export function withoutLogin(text: string): string {
  // What an index calls a URL may be one that nobody can read, and signed all the same.
  if (!isWebUrl(text)) {
    const shown = hideLogin(text);
    // An `@` of the query hid the one before the host.
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(shown) ? hideLogin(shown.split(/[?#]/, 1)[0] ?? "") : shown;
  }
  const shown = new URL(text);
  shown.username = shown.password = shown.search = shown.hash = "";
  return shown.href;
}
