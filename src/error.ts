import { LONGEST, printable, shortened } from "./printable";

/**
 * The base of every error that this package raises on purpose.
 *
 * The message is one sentence of what was being done to what and why it failed, followed by what the user can do.
 * It never contains a secret: whoever builds one passes names (host, user, image, value path), never credentials.
 *
 * What strangers wrote may stand in it: terminals and build machines obey none of it ({@link printable}), and what is very
 * long is cut.
 *
 * @example
 * ```ts
 * catch (e) { if (e instanceof MirrorError && e.code === "IMAGE_NOT_FOUND") ... }
 * ```
 */
export class MirrorError extends Error {
  override readonly name: string = "MirrorError";

  /** What was being done, to what, and why it failed. */
  readonly problem: string;
  /** What the user can do about it. */
  readonly remedy?: string;

  constructor(
    /** Stable, upper-case identifier for programs, such as `IMAGE_NOT_FOUND`. */
    readonly code: string,
    problem: string,
    remedy?: string,
    /** `longest`: characters of problem and remedy each that are told. */
    { longest, ...options }: ErrorOptions & { readonly longest?: number } = {},
  ) {
    const [told, advice] = [problem, remedy].map((text) => text && printable(shortened(text, longest)));
    super(advice ? `${told}. ${advice}` : told, options);
    this.problem = told ?? "";
    if (advice !== undefined) this.remedy = advice;
  }
}

/** Several problems reported together, so that a user mends all of them in one go. */
export class MirrorErrors extends MirrorError {
  override readonly name: string = "MirrorErrors";

  constructor(
    doing: string,
    readonly problems: readonly Error[],
  ) {
    super(
      "SEVERAL_PROBLEMS",
      `${doing}: ${problems.length} problems\n${problems.map((p, i) => `  ${i + 1}. ${shortened(p.message, 2 * LONGEST)}`).join("\n")}`,
      undefined,
      { longest: Infinity },
    );
  }

  /** Throws nothing for no problem, the problem itself for one, and a `MirrorErrors` for several. */
  static throwIfAny(doing: string, problems: readonly Error[]): void {
    if (problems.length === 1) throw problems[0] as Error;
    if (problems.length > 1) throw new MirrorErrors(doing, problems);
  }
}
