import type { Command, Option } from "commander";
import type { Platform } from "../../image/platform";
import type { UpstreamMapping } from "../../plan/layout";
import { OUTPUT_FORMATS } from "../output/outputFormat";
import { parsePlatformOption } from "./copyCommandOptions";
import { parseChartMirror, parseUpstreamMapping } from "./mirrorOption";
import { GROUPS } from "./optionGroups";
import { checked, collect, collectList } from "./optionValues";

/** A command that reads one chart. */
export function chartCommand(program: Command, name: string, description: string): Command {
  return chartOptions(
    program
      .command(name)
      .description(description)
      .argument("<chart>", "folder, archive, oci:// reference, or a chart's name in --repo"),
  );
}

/** Which chart, and what it is rendered with: the names of Helm's options. */
export function chartOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.chart)
    .option("-r, --repo <url>", "chart repository of a chart given by name")
    .option("--version <version>", "version of the chart")
    .option("--release-name <name>", "name of the release, which charts put into names", "release")
    .option("-n, --namespace <name>", "namespace of the release", "default")
    .option("--kube-version <version>", "Kubernetes version to render for")
    .option("--api-versions <list>", "API versions that the cluster has, separated by commas", collectList, [])
    .optionsGroup(GROUPS.values)
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
    .optionsGroup(GROUPS.output)
    .addOption(outputOption(command));
}

/** Results as people read them, or as data, whose schema is published: `schema/output-v1.json`. */
export const outputOption = (command: Command): Option =>
  command.createOption("-o, --output <format>", "how to print").choices(OUTPUT_FORMATS);

/** What becomes of layers that are not to be distributed: `ForeignLayers` of the copier. */
export const foreignLayersOption = (command: Command): Option =>
  command
    .createOption(
      "--foreign-layers <what>",
      "layers that their owner keeps outside registries: copy them as far as their licence allows it, or refuse their images",
    )
    .choices(["skip", "copy", "refuse"]);

/** A command that reads a chart and knows a mirror. */
export function analysisCommand(program: Command, name: string, description: string): Command {
  return layoutOptions(
    chartCommand(program, name, description)
      .optionsGroup(GROUPS.mirror)
      .requiredOption("--to <host[/path]>", "address of the mirror", checked(parseChartMirror)),
  )
    .option("--pull-secret <name>", "secret that every pod must get")
    .optionsGroup(GROUPS.images)
    .option("--confirm", "ask registries whether texts that are only shaped like images are some")
    .option("--ignore-image <pattern>", "reference to leave alone, * for any characters", collect, []);
}

/** A command that moves the images of a chart. */
export function mirrorCommand(program: Command, name: string, description: string): Command {
  return analysisCommand(program, name, description)
    .optionsGroup(GROUPS.images)
    .option("--extra-image <reference>", "image that the analysis cannot see", collect, []);
}

/** How the repositories of the mirror are named. */
export function layoutOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.mirror)
    .option("--keep-host", "make the source's host the first part of the path in the mirror")
    .option(
      "--upstream <host[/path]=path>",
      "images that the mirror serves itself, and the path there that they stand below; may be repeated",
      (text: string, previous: readonly UpstreamMapping[]) => [...previous, checked(parseUpstreamMapping)(text)],
      [],
    );
}

/** Digests in values, for the commands whose plan has digests. */
export function pinOption(command: Command): Command {
  return platformOption(command, "the mirror holds only this platform of each image; may be repeated").option(
    "--pin-digests",
    "write the images' digests into the values where the chart takes them",
  );
}

/** Adds `--platform`, which limits a command to some platforms. */
export function platformOption(command: Command, description: string): Command {
  return command
    .optionsGroup(GROUPS.images)
    .option(
      "--platform <os/arch>",
      description,
      (text: string, previous: readonly Platform[]) => [...previous, ...checked(parsePlatformOption)(text)],
      [],
    );
}

/** How registries are reached. */
export function registriesOption(command: Command): Command {
  return command
    .optionsGroup(GROUPS.registries)
    .option(
      "--registries <file>",
      "YAML list of how registries are reached: host, location, plainHttp, caFile, certFile, keyFile, tokenServices, internalRedirects",
    );
}

/** How the mirror is reached, for commands that ask it. */
export function mirrorAccessOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.registries)
    .option("--username <name>", "login at the mirror, in place of docker's; the password comes on standard input")
    .option("--password-stdin", "read the password of --username from standard input")
    .option("--plain-http", "the mirror speaks http without TLS")
    .option("--ca-file <file>", "PEM certificate of the CA that signed the mirror's certificate");
}
