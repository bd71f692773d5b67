import { GROUPS, outputOption } from "../options/commandOptions";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { WhyOptions } from "./whyCommand";

export const why: CliCommand = (program, { run, streams }) =>
  withExamples(
    program
      .command("why")
      .description("Say why pods of a deployed release cannot pull their images")
      .argument("<release>", "name of the release"),
    [["chart-mirror why shop --namespace shop"]],
  )
    .optionsGroup("Cluster:")
    .option("-n, --namespace <name>", "namespace of the release (default: the context's)")
    .option("--kubeconfig <file>", "kubeconfig of the cluster (default: kubectl's)")
    .option("--context <name>", "context of the kubeconfig (default: its current one)")
    .optionsGroup(GROUPS.output)
    .addOption(outputOption())
    .action(run((release: string, options: WhyOptions) => action().whyCommand(release, options, streams)));

const action = () => require("./whyCommand") as typeof import("./whyCommand");
