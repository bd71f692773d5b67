import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";

const CHECKOUT = resolve(__dirname, "../..");

/** The quickstart's stack: the project at the root of the checkout, with its state under a folder. */
export class Stack {
  private constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly project: string,
  ) {}

  /**
   * @param path folders that hold the engine, to be put before the PATH
   * @param project folder of the project, where it is another one
   */
  static async open(folder: string, path: string, project = CHECKOUT): Promise<Stack> {
    await mkdir(join(folder, "state"), { recursive: true });
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PATH: [path, process.env.PATH].join(delimiter),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      // The state is on this machine alone and lives as long as the quickstart; a real stack has a real passphrase.
      PULUMI_CONFIG_PASSPHRASE: "quickstart",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // `npm run typecheck` has checked the types; checking them again would take most of each run.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    };
    const stack = new Stack(env, project);
    await stack.run(["stack", "select", "quickstart", "--create"], { quiet: true });
    return stack;
  }

  /** Sets configuration; secrets go through standard input, since arguments are seen by every process. */
  async configure(values: Record<string, string>, secrets: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(values))
      await this.run(["config", "set", "--plaintext", key], { quiet: true, input: value });
    for (const [key, value] of Object.entries(secrets))
      await this.run(["config", "set", "--secret", key], { quiet: true, input: value });
  }

  async preview(): Promise<void> {
    await this.run(["preview", "--suppress-progress", "--suppress-outputs"]);
  }

  async up(): Promise<void> {
    await this.run(["up", "--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs"]);
  }

  async output<T>(name: string): Promise<T> {
    return JSON.parse(await this.run(["stack", "output", "--json", name], { quiet: true })) as T;
  }

  /** Runs pulumi and returns what it printed; prints it as it comes unless `quiet`. */
  private run(args: string[], options: { quiet?: boolean; input?: string } = {}): Promise<string> {
    if (!options.quiet) console.log(`\n$ pulumi ${args.join(" ")}`);
    const target = args[0] === "stack" && args[1] === "select" ? [] : ["--stack", "quickstart"];
    const child = spawn("pulumi", [...args, ...target, "--non-interactive"], {
      cwd: this.project,
      env: this.env,
      stdio: ["pipe", "pipe", options.quiet ? "pipe" : "inherit"],
    });
    child.stdin?.end(options.input ?? "");
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => {
      output.push(chunk);
      if (!options.quiet) process.stdout.write(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
    return new Promise((done, fail) => {
      child.on("error", fail);
      child.on("close", (code) => {
        if (code === 0) done(Buffer.concat(output).toString());
        else fail(new Error(`pulumi ${args[0]} ended with ${code}\n${Buffer.concat(errors).toString()}`));
      });
    });
  }
}
