import type { Diagnostic, EngineEvents, Operation, ResourceStep } from "./engineEvents";
import type { Finished } from "./process";

/** What one run of the engine did, said and showed. */
export class RunResult implements EngineEvents, Finished {
  readonly exitCode: number;
  /** What the user sees, without colours. */
  readonly stdout: string;
  readonly stderr: string;
  readonly steps: readonly ResourceStep[];
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    /** Such as `pulumi preview --diff`. */
    readonly command: string,
    finished: Finished,
    events: EngineEvents,
  ) {
    this.exitCode = finished.exitCode;
    this.stdout = finished.stdout;
    this.stderr = finished.stderr;
    this.steps = events.steps;
    this.diagnostics = events.diagnostics;
  }

  /** The messages of the run's errors, one after the other. */
  get errors(): string {
    return this.messages("error");
  }

  get warnings(): string {
    return this.messages("warning");
  }

  /** All that the run wrote anywhere, for tests that look for what must not be there. */
  get everything(): string {
    return [this.stdout, this.stderr, ...this.diagnostics.map(({ message }) => message)].join("\n");
  }

  /** {@link everything} but the SDK's debug log, which has every value: what users see unless they ask for that. */
  get shown(): string {
    const messages = this.diagnostics.filter(({ severity }) => severity !== "debug").map(({ message }) => message);
    return [this.stdout, this.stderr, ...messages].join("\n");
  }

  /**
   * The resources that were not left as they are: `TYPE::NAME` → operation. The stack and the default providers, which
   * the program does not name, are left out.
   *
   * @example
   * expect((await project.up()).changes).toEqual({ "kubernetes:core/v1:Secret::login": "create" });
   */
  get changes(): Readonly<Record<string, Operation>> {
    const changed = this.steps.filter((step) => step.operation !== "same" && !isImplicit(step));
    return Object.fromEntries(changed.map(({ type, name, operation }) => [`${type}::${name}`, operation]));
  }

  /**
   * The step of one resource.
   *
   * @param resource its name, or `TYPE::NAME` where several resources have the name
   * @throws Error when there is none, or more than one
   */
  step(resource: string): ResourceStep {
    const found = this.steps.filter(({ type, name }) => name === resource || `${type}::${name}` === resource);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    const all = this.steps.map(({ type, name }) => `${type}::${name}`).join("\n  ");
    throw new Error(`${found.length} resources are named ${resource}. The run had:\n  ${all}`);
  }

  private messages(severity: Diagnostic["severity"]): string {
    return this.diagnostics
      .filter((diagnostic) => diagnostic.severity === severity)
      .map(({ message }) => message)
      .join("\n");
  }
}

/** Another stack's outputs are read in every run. */
function isImplicit({ type, name }: ResourceStep): boolean {
  if (type === "pulumi:pulumi:Stack" || type === "pulumi:pulumi:StackReference") return true;
  return type.startsWith("pulumi:providers:") && /^default(_|$)/.test(name);
}

/** A run ended otherwise than the test asked for. */
export class UnexpectedResult extends Error {
  constructor(
    what: string,
    readonly result: RunResult,
  ) {
    super(`${result.command} ${what}.\n${result.stdout}\n${result.stderr}`);
    this.name = "UnexpectedResult";
  }
}

/**
 * Fails unless the run left every resource as it is.
 *
 * @throws UnexpectedResult which names each changed resource and the properties that differ
 */
export function expectUnchanged(result: RunResult): void {
  const changed = result.steps.filter(({ type, name }) => `${type}::${name}` in result.changes);
  if (changed.length === 0) return;
  const lines = changed.map(
    ({ type, name, operation, diff }) => `  ${type}::${name}: ${operation} ${JSON.stringify(diff)}`,
  );
  throw new UnexpectedResult(`should have left all as it is, but it changed\n${lines.join("\n")}\n`, result);
}
