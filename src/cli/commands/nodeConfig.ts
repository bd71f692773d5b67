import { Argument } from "commander";
import { NODE_RUNTIMES, type NodeRuntime } from "../../kubernetes/nodeConfiguration/nodeConfiguration";
import { outputOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { withExamples } from "../options/examples";
import { parseMirror } from "../options/mirrorOption";
import { parseUpstream, type NodeConfigOptions } from "../options/nodeConfigOptions";
import { checked, checkedList } from "../options/optionValues";
import type { CliCommand } from "./cliCommand";

export const nodeConfig: CliCommand = (program, { run, streams, input }) =>
  withExamples(
    program
      .command("node-config")
      .description("Write what the cluster's nodes need to pull from the mirror")
      .addArgument(new Argument("<runtime>", "what runs on the nodes").choices(NODE_RUNTIMES)),
    [
      ["chart-mirror node-config k3s --to registry.example.com:8083/platform --plain-http"],
      ["chart-mirror node-config containerd --to registry.example.com:8083/platform --plain-http --upstream quay.io"],
    ],
  )
    .optionsGroup(GROUPS.mirror)
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
    .optionsGroup(GROUPS.registries)
    .option("--username <name>", "login for nodes, k3s only; the password comes on standard input")
    .option("--password-stdin", "read the password of --username from standard input")
    .optionsGroup(GROUPS.output)
    .addOption(outputOption(program))
    .option("--existing <file>", "openshift: image.config/cluster and its ConfigMap as the cluster has them, to keep")
    .option("--out <dir>", "write files there instead of to standard output")
    .action(
      run((runtime: NodeRuntime, options: NodeConfigOptions) =>
        action().nodeConfigCommand(runtime, options, streams, input),
      ),
    );

const action = () => require("./nodeConfigCommand") as typeof import("./nodeConfigCommand");
