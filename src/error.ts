import { LONGEST, printable, shortened } from "./printable";
import { adviceIn, PROGRAM_WORDS, type Advice, type SettingWords } from "./settingWords";

/**
 * The base of every error that this package raises on purpose.
 *
 * The message is one sentence of what was being done to what and why it failed, followed by what the user can do.
 * It never contains a secret: whoever builds one passes names (host, user, image, value path), never credentials.
 *
 * What strangers wrote may stand in it: terminals and build machines obey none of it (`printable`), and what is very
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
  /** What the user can do about it, in the words of programs. */
  readonly remedy: string | undefined;
  readonly #advice: Advice | undefined;
  readonly #longest: number | undefined;

  constructor(
    /** Stable, upper-case identifier for programs, such as `IMAGE_NOT_FOUND`. */
    readonly code: string,
    problem: string,
    /** What the user can do about it; as a function where it names settings, which are called otherwise on the command line. */
    advice?: Advice,
    /** `longest`: characters of problem and remedy each that are told. */
    { longest, ...options }: { readonly cause?: unknown; readonly longest?: number } = {},
  ) {
    const told = shown(problem, longest);
    const remedy = advice && shown(adviceIn(advice, PROGRAM_WORDS), longest);
    super(remedy ? `${told}. ${remedy}` : told, options);
    this.problem = told;
    this.remedy = remedy;
    this.#advice = advice;
    this.#longest = longest;
  }

  /**
   * The message with the settings that its advice names called by these words.
   *
   * @internal
   */
  inWords(words: SettingWords): string {
    return this.#advice ? `${this.problem}. ${shown(adviceIn(this.#advice, words), this.#longest)}` : this.message;
  }
}

// What Pulumi knows errors of programs by whose words are enough: it shows them without a stack and without the program's
// text. A mark, since this file does not know Pulumi. https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/errors.ts
Object.defineProperty(MirrorError.prototype, "__pulumiRunError", { value: true });

/** Several problems reported together, so that a user mends all of them in one go. */
export class MirrorErrors extends MirrorError {
  override readonly name: string = "MirrorErrors";
  readonly #doing: string;

  constructor(
    doing: string,
    readonly problems: readonly Error[],
  ) {
    super(
      "SEVERAL_PROBLEMS",
      listed(doing, problems, ({ message }) => message),
      undefined,
      { longest: Infinity },
    );
    this.#doing = doing;
  }

  /** @internal */
  override inWords(words: SettingWords): string {
    return printable(
      listed(this.#doing, this.problems, (p) => (p instanceof MirrorError ? p.inWords(words) : p.message)),
    );
  }

  /** An error with more problems beside it, or as it is without any. */
  static combined(doing: string, error: unknown, more: readonly Error[]): unknown {
    if (more.length === 0 || !(error instanceof MirrorError)) return error;
    return new MirrorErrors(doing, [...(error instanceof MirrorErrors ? error.problems : [error]), ...more]);
  }

  /** Throws nothing for no problem, the problem itself for one, and a `MirrorErrors` for several. */
  static throwIfAny(doing: string, problems: readonly Error[]): void {
    if (problems.length === 1) throw problems[0] as Error;
    if (problems.length > 1) throw new MirrorErrors(doing, problems);
  }
}

function listed(doing: string, problems: readonly Error[], words: (problem: Error) => string): string {
  const lines = problems.map((problem, i) => `  ${i + 1}. ${shortened(words(problem), 2 * LONGEST)}`);
  return `${doing}: ${problems.length} problems\n${lines.join("\n")}`;
}

/** A text as it is told: strangers wrote parts of it. */
function shown(text: string, longest: number | undefined): string {
  return printable(shortened(text, longest));
}
