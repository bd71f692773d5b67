import { MirrorError } from "../../error";

/** No chart of that name where it was looked for. `code` is `CHART_NOT_FOUND`. */
export class ChartNotFoundError extends MirrorError {
  override readonly name = "ChartNotFoundError";
  constructor(
    readonly chart: string,
    where: string,
    /** Charts there whose names are alike. */
    readonly near: readonly string[] = [],
    remedy?: string,
  ) {
    super(
      "CHART_NOT_FOUND",
      `finding chart ${chart} failed: ${where}`,
      near.length > 0 ? `Did you mean ${near.join(", ")}?` : remedy,
    );
  }
}

/** The chart is there, but no version of it that fits. `code` is `CHART_VERSION_NOT_FOUND`. */
export class ChartVersionNotFoundError extends MirrorError {
  override readonly name = "ChartVersionNotFoundError";
  constructor(
    readonly chart: string,
    readonly version: string,
    where: string,
    /** The newest versions that there are. */
    readonly newest: readonly string[],
  ) {
    const asked = version === "" ? "without pre-releases" : JSON.stringify(version);
    super(
      "CHART_VERSION_NOT_FOUND",
      `finding chart ${chart} failed: ${where} has no version ${asked} of it`,
      newest.length > 0
        ? ({ devel }) =>
            `The newest there are ${newest.join(", ")}; pre-releases are only taken when the version names one${devel === undefined ? "" : ` or ${devel} is set`}`
        : undefined,
    );
  }
}

/** The chart's repository does not let the user in. `code` is `CHART_LOGIN_REFUSED`. */
export class ChartLoginRefusedError extends MirrorError {
  override readonly name = "ChartLoginRefusedError";
  constructor(
    readonly chart: string,
    readonly host: string,
    readonly username: string | undefined,
    status: number,
  ) {
    super(
      "CHART_LOGIN_REFUSED",
      `fetching chart ${chart} failed: ${host} refused ${username === undefined ? "access without a login" : `the login of user ${username}`} (HTTP ${status})`,
      ({ repositoryLogin }) => `${username === undefined ? "Give" : "Check"} ${repositoryLogin}`,
    );
  }
}

/** The chart's repository cannot be reached, or answers with something else. `code` is `CHART_REPOSITORY_UNREACHABLE`. */
export class ChartRepositoryUnreachableError extends MirrorError {
  override readonly name = "ChartRepositoryUnreachableError";
  constructor(
    readonly chart: string,
    url: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      "CHART_REPOSITORY_UNREACHABLE",
      `fetching chart ${chart} failed: ${url}: ${reason}`,
      "Check the repository's URL, that this machine reaches it, and HTTPS_PROXY and NO_PROXY",
      options,
    );
  }
}
