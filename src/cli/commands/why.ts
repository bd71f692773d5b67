import { clusterOptions, refuseClusterOptions, type ClusterOptions } from "../cluster/clusterOptions";
import { outputOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { WhyOptions } from "./whyCommand";

export const why: CliCommand = (program, { run, streams, input }) => {
  const command = program
    .command("why")
    .description("Say why pods of a deployed release cannot pull their images, or who has named an image of a cluster")
    .argument("<release>", "name of the release; with --cluster, an image")
    .optionsGroup(GROUPS.cluster)
    .option("-n, --namespace <name>", "namespace of the release (default: the context's, with --cluster all)");
  withExamples(clusterOptions(command), [
    ["chart-mirror why shop --namespace shop"],
    ["chart-mirror why quay.io/team/agent --cluster", "which pods have the image, and who has named it"],
  ])
    .optionsGroup(GROUPS.output)
    .addOption(outputOption(program))
    .action(
      run((name: string, options: WhyOptions & ClusterOptions) => {
        if (options.cluster) return lookAtCluster().clusterWhyCommand(name, options, streams, input);
        refuseClusterOptions(options, ["kubeconfig", "context"]);
        return action().whyCommand(name, options, streams);
      }),
    );
};

const action = () => require("./whyCommand") as typeof import("./whyCommand");
const lookAtCluster = () => require("../cluster/clusterWhyCommand") as typeof import("../cluster/clusterWhyCommand");
