import type { Command } from "commander";
import {
  clusterOptions,
  extraImagesOption,
  invalidClusterOptions,
  refuseClusterOptions,
  type ClusterOptions,
} from "../cluster/clusterOptions";
import { chartOptions, registriesOption } from "../options/commandOptions";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { ImagesOptions } from "./imagesCommand";

export const images: CliCommand = (program, { run, streams, input }) => {
  const command = program
    .command("images")
    .description("List every image that the chart would pull, or that pods of a cluster pull from outside the mirror")
    .argument("[chart]", "folder, archive, oci:// reference, or a chart's name in --repo");
  withExamples(extraImagesOption(clusterOptions(registriesOption(chartOptions(command)))), [
    ["chart-mirror images ./chart"],
    ["chart-mirror images ./chart --values values.yaml --output json", "with values of yours, for a program"],
    ["chart-mirror images --cluster --to registry.example.com/platform", "what pods pull from elsewhere"],
  ]).action(
    run((chart: string | undefined, options: ImagesOptions & ClusterOptions, self: Command) => {
      if (options.cluster) {
        if (chart !== undefined)
          throw invalidClusterOptions(`${chart} and --cluster exclude each other`, "Leave one of them out");
        // Its default is a chart's.
        const { namespace, ...others } = options;
        const chosen = self.getOptionValueSource("namespace") !== "default";
        return lookAtCluster().clusterImagesCommand({ ...others, ...(chosen && { namespace }) }, streams, input);
      }
      if (chart === undefined)
        throw invalidClusterOptions(
          "what is to be looked at is missing",
          "Name a chart, or look at a cluster with --cluster",
        );
      refuseClusterOptions(options);
      return action().imagesCommand(chart, options, streams);
    }),
  );
};

const action = () => require("./imagesCommand") as typeof import("./imagesCommand");
const lookAtCluster = () =>
  require("../cluster/clusterImagesCommand") as typeof import("../cluster/clusterImagesCommand");
