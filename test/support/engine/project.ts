import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pulumiPath } from "../tools";
import { parseEngineEvents } from "./engineEvents";
import { run } from "./process";
import { layOutProject, writeFiles, type Program } from "./projectFolder";
import { RunResult, UnexpectedResult } from "./runResult";

const stack = "test";

/** A resource provider plugin that is not the real one: a folder with `pulumi-resource-NAME`, and what it is told. */
export interface ProviderDouble {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ProjectOptions {
  readonly program: Program;
  /** Stack configuration, `KEY` or `NAMESPACE:KEY` → value; `{ secret }` is encrypted. */
  readonly config?: Readonly<Record<string, string | { readonly secret: string }>>;
  readonly providers?: readonly ProviderDouble[];
  /** Added to every run's environment, which is otherwise empty but for PATH, HOME and Pulumi's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further folders put before the system's on the PATH; Pulumi and helm are there already. */
  readonly path?: readonly string[];
  /** The project's name, `test` unless given. */
  readonly name?: string;
  /** Another project whose stacks this one reads: it has the same state folder, and another name. */
  readonly beside?: Project;
  /** The whole command that runs another one elsewhere, such as `Cluster.enter`. Default: here. */
  readonly enter?: (command: string, args: readonly string[], cwd: string) => [string, ...string[]];
}

export interface RunOptions {
  /** The run must fail; without it, it must succeed. Either way a test cannot overlook the other. */
  readonly expectFailure?: boolean;
  /** Further arguments of the pulumi command. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the run as Ctrl-C does. */
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
}

export interface PreviewOptions extends RunOptions {
  /** Show property changes (`--diff`). */
  readonly diff?: boolean;
  /** Print the preview as JSON (`--json`); `JSON.parse(result.stdout)` reads it. */
  readonly json?: boolean;
}

/** The parts of a state file that tests look at; every secret in it is encrypted. */
export interface Deployment {
  readonly resources?: readonly {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
    readonly outputs?: Readonly<Record<string, unknown>>;
    readonly dependencies?: readonly string[];
    readonly parent?: string;
  }[];
}

/** A Pulumi project with one stack, on one machine: a program folder and a user's home. */
export interface Project {
  /** The program's folder, with Pulumi.yaml. */
  readonly folder: string;
  /** The user's home. */
  readonly home: string;
  /** The folder that keeps the stacks' state, as Pulumi's local backend writes it. */
  readonly stateFolder: string;
  /** Writes files of the program, new or in place of old ones. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  setConfig(config: NonNullable<ProjectOptions["config"]>): Promise<void>;
  preview(options?: PreviewOptions): Promise<RunResult>;
  up(options?: RunOptions): Promise<RunResult>;
  refresh(options?: RunOptions): Promise<RunResult>;
  destroy(options?: RunOptions): Promise<RunResult>;
  /** Runs a file of the program as a Node.js process of its own, which finds Pulumi as the project does; what it printed. */
  node(file: string): Promise<string>;
  /** Runs another pulumi command and returns what it printed. */
  pulumi(args: readonly string[], input?: string): Promise<string>;
  /** The stack's state. */
  exportState(): Promise<Deployment>;
  /** The stack's state as `importState` takes it, secrets shown. */
  exportWithSecrets(): Promise<string>;
  /** Gives the stack a state that `pulumi stack export --show-secrets` has written. */
  importState(exported: string): Promise<void>;
  /** The stack's outputs, secrets shown. */
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  /** The same project and stack on a second machine: another folder and another home, the same state. */
  onAnotherMachine(): Promise<Project>;
  /** Deletes the project's folders, state and homes, those of its other machines too. */
  dispose(): Promise<void>;
}

/**
 * Makes a project for the real Pulumi engine in temporary folders. Installs Pulumi first where it is missing, which
 * takes minutes once.
 *
 * @example
 * const project = await createProject({ program: { "index.ts": `export const answer = 42;` } });
 * await project.up();
 * expect(await project.outputs()).toEqual({ answer: 42 });
 * await project.dispose();
 */
export async function createProject(options: ProjectOptions): Promise<Project> {
  const tools = await pulumiPath();
  const root = await mkdtemp(join(tmpdir(), "chart-mirror-engine-"));
  const machine = new Machine(options, tools, root, await mkdtemp(join(root, "machine-")));
  await layOutProject(machine.folder, options.name ?? "test", options.program);
  await machine.prepare();
  await machine.pulumi(["stack", "init", stack]);
  await machine.setConfig(options.config ?? {});
  return machine;
}

class Machine implements Project {
  readonly folder: string;
  readonly home: string;
  readonly stateFolder: string;
  private readonly temporary: string;
  private runs = 0;

  constructor(
    private readonly options: ProjectOptions,
    private readonly tools: string,
    private readonly root: string,
    own: string,
  ) {
    this.folder = join(own, "program");
    this.home = join(own, "home");
    this.temporary = join(own, "tmp");
    this.stateFolder = options.beside?.stateFolder ?? join(root, "state");
  }

  async prepare(): Promise<void> {
    for (const folder of [this.home, this.stateFolder, this.temporary]) await mkdir(folder, { recursive: true });
  }

  write(files: Readonly<Record<string, string>>): Promise<void> {
    return writeFiles(this.folder, files);
  }

  async setConfig(config: NonNullable<ProjectOptions["config"]>): Promise<void> {
    // All with one command, as Pulumi's Automation API does: each command takes half a second.
    const settings = Object.entries(config).flatMap(([key, value]) =>
      typeof value === "string" ? ["--plaintext", `${key}=${value}`] : ["--secret", `${key}=${value.secret}`],
    );
    if (settings.length > 0) await this.pulumi(["config", "set-all", "--stack", stack, ...settings]);
  }

  preview(options: PreviewOptions = {}): Promise<RunResult> {
    const { diff, json } = options;
    return this.engine("preview", [...(diff ? ["--diff"] : []), ...(json ? ["--json"] : [])], options);
  }

  up(options: RunOptions = {}): Promise<RunResult> {
    return this.engine("up", ["--yes", "--skip-preview"], options);
  }

  refresh(options: RunOptions = {}): Promise<RunResult> {
    return this.engine("refresh", ["--yes", "--skip-preview"], options);
  }

  destroy(options: RunOptions = {}): Promise<RunResult> {
    return this.engine("destroy", ["--yes", "--skip-preview"], options);
  }

  async exportState(): Promise<Deployment> {
    const exported = JSON.parse(await this.pulumi(["stack", "export", "--stack", stack])) as {
      deployment: Deployment;
    };
    return exported.deployment;
  }

  exportWithSecrets(): Promise<string> {
    return this.pulumi(["stack", "export", "--show-secrets", "--stack", stack]);
  }

  async importState(exported: string): Promise<void> {
    await this.pulumi(["stack", "import", "--stack", stack], exported);
  }

  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const printed = await this.pulumi(["stack", "output", "--json", "--show-secrets", "--stack", stack]);
    return JSON.parse(printed) as Readonly<Record<string, unknown>>;
  }

  async onAnotherMachine(): Promise<Project> {
    const other = new Machine(this.options, this.tools, this.root, await mkdtemp(join(this.root, "machine-")));
    // As a checkout of the user's repository brings it: the stack's settings too, and links kept as links.
    await cp(this.folder, other.folder, { recursive: true, verbatimSymlinks: true });
    await other.prepare();
    await other.pulumi(["stack", "select", stack]);
    return other;
  }

  dispose(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  /** Runs an operation of the engine and reads what it did from its event log. */
  private async engine(operation: string, flags: readonly string[], options: RunOptions): Promise<RunResult> {
    this.runs += 1;
    const log = join(this.temporary, `events-${this.runs}.json`);
    const shown = [operation, ...flags, ...(options.args ?? [])];
    const args = [...shown, "--stack", stack, "--color", "never", "--non-interactive", "--event-log", log];
    const [command, ...rest] = this.command(args);
    const finished = await run(command, rest, {
      cwd: this.folder,
      env: { ...this.environment(), ...options.env },
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.timeoutSeconds ? { timeoutSeconds: options.timeoutSeconds } : {}),
    });
    // A run that fails before the engine starts leaves no log.
    const events = await readFile(log, "utf8").catch(() => "");
    const result = new RunResult(`pulumi ${shown.join(" ")}`, finished, parseEngineEvents(events));
    const failed = finished.exitCode !== 0;
    if (failed && options.expectFailure !== true) throw new UnexpectedResult("failed", result);
    if (!failed && options.expectFailure === true) throw new UnexpectedResult("should have failed", result);
    return result;
  }

  async node(file: string): Promise<string> {
    const options = { cwd: this.folder, env: this.environment() };
    const { exitCode, stdout, stderr } = await run(process.execPath, [file], options);
    if (exitCode !== 0) throw new Error(`node ${file} failed.\n${stdout}\n${stderr}`);
    return stdout;
  }

  async pulumi(args: readonly string[], input = ""): Promise<string> {
    const call = [...args, "--color", "never", "--non-interactive"];
    const options = { cwd: this.folder, env: this.environment(), input };
    const [command, ...rest] = this.command(call);
    const { exitCode, stdout, stderr } = await run(command, rest, options);
    if (exitCode !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed.\n${stdout}\n${stderr}`);
    return stdout;
  }

  private command(args: readonly string[]): [string, ...string[]] {
    return this.options.enter?.("pulumi", args, this.folder) ?? ["pulumi", ...args];
  }

  private environment(): Readonly<Record<string, string>> {
    const { providers = [], env, path = [] } = this.options;
    return {
      PATH: [
        dirname(process.execPath),
        ...providers.map(({ folder }) => folder),
        ...path,
        this.tools,
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
      ].join(delimiter),
      HOME: this.home,
      TMPDIR: this.temporary,
      PULUMI_HOME: join(this.home, ".pulumi"),
      PULUMI_BACKEND_URL: `file://${this.stateFolder}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // --event-log is among the commands for debugging Pulumi itself.
      PULUMI_DEBUG_COMMANDS: "true",
      // The compiler would take most of each run; `npm run typecheck` has checked the types of what the tests use.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      ...Object.fromEntries(providers.flatMap((provider) => Object.entries(provider.env))),
      ...env,
    };
  }
}
