import { Argument, Command, CommanderError, Help, InvalidArgumentError, Option } from "commander";
import { MirrorError } from "../error";
import type { Platform } from "../image/platform";
import { NODE_RUNTIMES, type NodeRuntime } from "../kubernetes/nodeConfiguration/nodeConfiguration";
import { thisPackage } from "../machine/toolVersion";
import type { ChartOptions } from "./analysis/analysis";
import { messageOf } from "./options/commandLineWords";
import { commands } from "./commands";
import { consoleStreams } from "./output/console";
import { parseConcurrency, parseHost, parsePlatformOption, type CopyCommandOptions } from "./options/copyOptions";
import { parseUpstream, type NodeConfigOptions } from "./options/nodeConfigOptions";
import type { LockOptions } from "./commands/lockCommand";
import type { PlanOptions } from "./commands/planCommand";
import type { PushChartOptions } from "./commands/pushChartCommand";
import type { ValuesOptions } from "./commands/valuesCommand";
import type { VerifyOptions } from "./commands/verifyCommand";
import type { WhyOptions } from "./commands/whyCommand";
import { EXIT, EXIT_CODES } from "./output/exitCodes";
import { parseChartMirror, parseMirror, parseUpstreamMapping } from "./options/mirrorOption";
import type { UpstreamMapping } from "../plan/layout";
import { TagPolicy } from "../plan/tagPolicy";
import { OUTPUT_FORMATS, PLAN_FORMATS } from "./output/outputFormat";
import type { Input } from "./options/passwordInput";

/** Where a command writes: results on `out`, words for people on `err`. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The width of the terminal that `err` is shown on; absent where it is none. */
  readonly columns?: () => number;
  /**
   * Calls back when the process is about to end before its work: at a signal, or when nobody reads its output any more.
   * Returns what takes the callback away.
   */
  readonly onInterrupt?: (tell: () => void) => () => void;
}

/**
 * Runs `chart-mirror` with these arguments.
 *
 * @param input standard input, read only when an option says so
 * @returns the exit code: 0 everything is served from the mirror, 3 something escapes or, with verify, lacks its pull secret, 4 the lock file is stale, 2 bad input, 1
 *   anything else
 */
export async function main(
  args: readonly string[],
  streams: Streams = consoleStreams(process),
  input: Input = process.stdin,
): Promise<number> {
  let code: number = EXIT.whole;
  const run =
    <A extends unknown[]>(command: (...args: A) => Promise<number>) =>
    async (...given: A): Promise<void> => {
      code = await command(...given);
    };
  const program = new Command("chart-mirror")
    .description("Find the images of a Helm chart and the values that move them into your own registry")
    .configureOutput({ writeOut: streams.out, writeErr: streams.err })
    .configureHelp({ optionDescription: describeOption })
    .exitOverride()
    // Behind a command, --version is that of the chart, as Helm has it.
    .enablePositionalOptions()
    .option("-V, --version", "print the version of chart-mirror")
    .addHelpText("after", EXIT_CODES)
    .on("option:version", () => {
      streams.out(`${thisPackage().version}\n`);
      throw new CommanderError(EXIT.whole, "version", "");
    });
  chartCommand(program, "images", "List every image that the chart would pull").action(
    run((chart: string, options: ChartOptions) => commands.images(chart, options, streams)),
  );
  pinOption(
    registriesOption(mirrorCommand(program, "values", "Print the values that move every image into the mirror")),
  )
    .option("--values-out <file>", "write the values there instead of to standard output")
    .option("--chart-out <dir>", "write a copy of the chart there, with literals replaced that no value reaches")
    .option("--allow-escapes", "exit with 0 although images would still be pulled from outside the mirror")
    .action(run((chart: string, options: ValuesOptions) => commands.values(chart, options, streams)));
  registriesOption(
    analysisCommand(program, "verify", "Check that the chart with these values pulls from the mirror alone"),
  ).action(run((chart: string, options: VerifyOptions) => commands.verify(chart, options, streams)));
  plan(program).action(run((chart: string, options: PlanOptions) => commands.plan(chart, options, streams)));
  registriesOption(
    mirrorCommand(program, "push-chart", "Put the chart itself into the mirror, as an OCI artifact"),
  ).action(run((chart: string, options: PushChartOptions) => commands.pushChart(chart, options, streams)));
  lockFileCommand(program).action(
    run((chart: string, options: LockOptions) => commands.lock(chart, options, streams, args)),
  );
  copy(program).action(
    run((names: string[], options: CopyCommandOptions) => commands.copy(names, options, streams, input)),
  );
  nodeConfig(program).action(
    run((runtime: NodeRuntime, options: NodeConfigOptions) => commands.nodeConfig(runtime, options, streams, input)),
  );
  why(program).action(run((release: string, options: WhyOptions) => commands.why(release, options, streams)));
  program.hook("preAction", (_, command) => void command.setOptionValue("input", input));
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.whole : EXIT.badInput;
    if (error instanceof MirrorError) {
      streams.err(`error: ${messageOf(error)}\n`);
      return EXIT.badInput;
    }
    streams.err(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.failed;
  }
}

/** As commander has it, but that nothing is no default worth telling. */
function describeOption(option: Option): string {
  const { defaultValue } = option as { defaultValue: unknown };
  return Array.isArray(defaultValue) && defaultValue.length === 0
    ? option.description
    : new Help().optionDescription(option);
}

function why(program: Command): Command {
  return program
    .command("why")
    .description("Say why pods of a deployed release cannot pull their images")
    .argument("<release>", "name of the release")
    .option("-n, --namespace <name>", "namespace of the release (default: the context's)")
    .option("--kubeconfig <file>", "kubeconfig of the cluster (default: kubectl's)")
    .option("--context <name>", "context of the kubeconfig (default: its current one)");
}

function chartCommand(program: Command, name: string, description: string): Command {
  return chartOptions(
    program
      .command(name)
      .description(description)
      .argument("<chart>", "folder, archive, oci:// reference, or a chart's name in --repo"),
  );
}

function chartOptions(command: Command): Command {
  return command
    .option("-r, --repo <url>", "chart repository of a chart given by name")
    .option("--version <version>", "version of the chart")
    .option("--release-name <name>", "name of the release, which charts put into names", "release")
    .option(
      "-f, --values <file>",
      "values of yours, - for standard input; several are merged, the last wins",
      collect,
      [],
    )
    .option("--set <values>", "single values of yours, as Helm takes them", collect, [])
    .option("--set-string <values>", "the same, all of them texts", collect, [])
    .option("--set-json <values>", "the same, written as JSON", collect, [])
    .option("--set-file <values>", "the same, each the text of a file", collect, [])
    .option("--set-literal <value>", "one value, taken as it is written", collect, [])
    .option("-n, --namespace <name>", "namespace of the release", "default")
    .option("--kube-version <version>", "Kubernetes version to render for")
    .option("--api-versions <list>", "API versions that the cluster has, separated by commas", collectList, [])
    .addOption(new Option("-o, --output <format>", "how to print").choices(OUTPUT_FORMATS));
}

/** A command that reads a chart and knows a mirror. */
function analysisCommand(program: Command, name: string, description: string): Command {
  return layoutOptions(
    chartCommand(program, name, description).requiredOption(
      "--to <host[/path]>",
      "address of the mirror",
      checked(parseChartMirror),
    ),
  )
    .option("--pull-secret <name>", "secret that every pod must get")
    .option("--confirm", "ask registries whether texts that are only shaped like images are some")
    .option("--ignore-image <pattern>", "reference to leave alone, * for any characters", collect, []);
}

/** A command that moves the images of a chart. */
function mirrorCommand(program: Command, name: string, description: string): Command {
  return analysisCommand(program, name, description).option(
    "--extra-image <reference>",
    "image that the analysis cannot see",
    collect,
    [],
  );
}

/** How the repositories of the mirror are named. */
function layoutOptions(command: Command): Command {
  return command
    .option("--keep-host", "make the source's host the first part of the path in the mirror")
    .option(
      "--upstream <host[/path]=path>",
      "images that the mirror serves itself, and the path there that they stand below; may be repeated",
      (text: string, previous: readonly UpstreamMapping[]) => [...previous, checked(parseUpstreamMapping)(text)],
      [],
    );
}

function plan(program: Command): Command {
  const command = mirrorCommand(program, "plan", "Say what mirroring the chart would do, and what of it is new");
  // Plans are read by people in terminals and pull requests, and by programs; not by people as YAML.
  const output = command.options.find(({ long }) => long === "--output");
  output?.choices(PLAN_FORMATS);
  return pinOption(registriesOption(command)).option(
    "--against <file>",
    "compare with a lock file, or a plan written as JSON, in place of the mirror",
  );
}

function lockFileCommand(program: Command): Command {
  return pinOption(
    registriesOption(mirrorCommand(program, "lock", "Write down what mirroring the chart does, for all machines")),
  )
    .option("--lock-file <file>", "the file to write or to check", "chart-mirror.lock.yaml")
    .option("--check", `write nothing; exit with ${EXIT.stale} when the file is not what the chart needs`)
    .addOption(
      new Option("--tags <policy>", "whether tags that have moved are followed, kept, or an error").choices(
        Object.values(TagPolicy),
      ),
    );
}

function pinOption(command: Command): Command {
  return platformOption(command, "the mirror holds only this platform of each image; may be repeated").option(
    "--pin-digests",
    "write the images' digests into the values where the chart takes them",
  );
}

function platformOption(command: Command, description: string): Command {
  return command.option(
    "--platform <os/arch>",
    description,
    (text: string, previous: readonly Platform[]) => [...previous, ...checked(parsePlatformOption)(text)],
    [],
  );
}

function registriesOption(command: Command): Command {
  return command.option(
    "--registries <file>",
    "YAML list of how registries are reached: host, location, plainHttp, caFile, certFile, keyFile, tokenServices",
  );
}

function copy(program: Command): Command {
  const command = program
    .command("copy")
    .description("Copy the images of a chart, or single ones, into the mirror")
    .argument(
      "[chart-or-images...]",
      "chart (folder, archive, oci:// reference, a name in --repo), or image references",
    );
  return platformOption(
    layoutOptions(registriesOption(chartOptions(command))),
    "copy only this platform; may be repeated",
  )
    .option("--to <host[/path]>", "address of the mirror", checked(parseMirror))
    .option("-c, --chart <chart>", "chart to copy the images of")
    .option("--dry-run", "list what would be copied, its size, and whether it is there; copy nothing")
    .option("--concurrency <number>", "blobs on their way at once from and to each registry", checked(parseConcurrency))
    .option("--referrers", "copy signatures, attestations and SBOMs, too")
    .option("--confirm", "ask registries whether texts that are only shaped like images are some")
    .option("--ignore-image <pattern>", "reference to leave alone, * for any characters", collect, [])
    .option("--username <name>", "login at the mirror, in place of docker's; the password comes on standard input")
    .option("--password-stdin", "read the password of --username from standard input")
    .option("--plain-http", "the mirror speaks http without TLS")
    .option("--ca-file <file>", "PEM certificate of the CA that signed the mirror's certificate")
    .option("--plain-http-source <host>", "source that speaks http without TLS", checkedList(parseHost), [])
    .option(
      "-d <host[/path]>",
      "--to, as StackState's copy_images.sh has it; its chart is the default",
      checked(parseMirror),
    )
    .option("-t", "list what would be copied, as StackState's copy_images.sh does, and ask no registry");
}

function nodeConfig(program: Command): Command {
  return program
    .command("node-config")
    .description("Write what the cluster's nodes need to pull from the mirror")
    .addArgument(new Argument("<runtime>", "what runs on the nodes").choices(NODE_RUNTIMES))
    .requiredOption("--to <host[/path]>", "address of the mirror", checked(parseMirror))
    .option("--keep-host", "the source's host is the first part of the path in the mirror")
    .option("--plain-http", "the mirror speaks http without TLS")
    .option("--ca-file <file>", "PEM certificate of the CA that signed the mirror's certificate")
    .option(
      "--upstream <host...>",
      "registries whose images nodes look for in the mirror first",
      checkedList(parseUpstream),
      [],
    )
    .option("--plan <file>", "plan of `values --output json`, whose images' registries become upstreams")
    .option("--username <name>", "login for nodes, k3s only; the password comes on standard input")
    .option("--password-stdin", "read the password of --username from standard input")
    .option("--existing <file>", "openshift: image.config/cluster and its ConfigMap as the cluster has them, to keep")
    .option("--out <dir>", "write files there instead of to standard output");
}

/** Makes what a parser refuses an error of the option. */
function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      // Commander would repeat the text, and what stands before an @ may be a password.
      if (error instanceof MirrorError && text.includes("@")) throw error;
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}

/** Like {@link checked}, for options that may be repeated. */
function checkedList<T>(parse: (text: string) => T): (text: string, previous: readonly T[]) => T[] {
  const read = checked(parse);
  return (text, previous) => [...previous, read(text)];
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function collectList(value: string, previous: readonly string[]): string[] {
  return [...previous, ...value.split(",").filter((item) => item !== "")];
}
