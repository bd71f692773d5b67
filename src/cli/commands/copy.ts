import {
  chartOptions,
  foreignLayersOption,
  layoutOptions,
  mirrorAccessOptions,
  platformOption,
  registriesOption,
} from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { parseConcurrency, parseHost, type CopyCommandOptions } from "../options/copyCommandOptions";
import { withExamples } from "../options/examples";
import { parseMirror } from "../options/mirrorOption";
import { checked, checkedList, collect } from "../options/optionValues";
import type { CliCommand } from "./cliCommand";

export const copy: CliCommand = (program, { run, streams, input }) => {
  const command = program
    .command("copy")
    .description("Copy the images of a chart, or single ones, into the mirror")
    .argument(
      "[chart-or-images...]",
      "chart (folder, archive, oci:// reference, a name in --repo), or image references",
    );
  mirrorAccessOptions(
    withExamples(
      platformOption(
        layoutOptions(registriesOption(chartOptions(command))),
        "copy only this platform; may be repeated",
      ),
      [
        ["chart-mirror copy ./chart --to registry.example.com/platform --dry-run"],
        ["chart-mirror copy ./chart --to registry.example.com/platform"],
        ["chart-mirror copy nginx:1.27 quay.io/team/app:1.0 --to registry.example.com --platform linux/amd64"],
        [
          "chart-mirror copy -c stackstate -r https://helm.stackstate.io -d registry.example.com -t",
          "as StackState's copy_images.sh",
        ],
      ],
    )
      .optionsGroup(GROUPS.mirror)
      .option("--to <host[/path]>", "address of the mirror", checked(parseMirror))
      .optionsGroup(GROUPS.chart)
      .option("-c, --chart <chart>", "chart to copy the images of")
      .optionsGroup(GROUPS.output)
      .option("--dry-run", "list what would be copied, its size, and whether it is there; copy nothing")
      .optionsGroup(GROUPS.registries)
      .option(
        "--concurrency <number>",
        "blobs on their way at once from and to each registry (default: 4)",
        checked(parseConcurrency),
      )
      .optionsGroup(GROUPS.images)
      .option("--referrers", "copy signatures, attestations and SBOMs, too")
      .addOption(foreignLayersOption(program))
      .option("--confirm", "ask registries whether texts that are only shaped like images are some")
      .option("--ignore-image <pattern>", "reference to leave alone, * for any characters", collect, []),
  )
    .option("--plain-http-source <host>", "source that speaks http without TLS", checkedList(parseHost), [])
    .optionsGroup("As StackState's script has them:")
    .option(
      "-d <host[/path]>",
      "--to, as StackState's copy_images.sh has it; its chart is the default",
      checked(parseMirror),
    )
    .option("-t", "list what would be copied, as StackState's copy_images.sh does, and ask no registry")
    .action(
      run((names: string[], options: CopyCommandOptions) => action().copyCommand(names, options, streams, input)),
    );
};

const action = () => require("../copy/copyCommand") as typeof import("../copy/copyCommand");
