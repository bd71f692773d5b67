import { Option } from "commander";
import { chartOptions, layoutOptions, platformOption, registriesOption } from "../options/commandOptions";
import { parseConcurrency, parseHost } from "../options/copyCommandOptions";
import { parseChartMirror } from "../options/mirrorOption";
import { checked, checkedList, collect } from "../options/optionValues";
import type { CliCommand } from "./cliCommand";
import type { SaveOptions } from "./saveCommand";

export const save: CliCommand = (program, { run, streams }) => {
  const command = program
    .command("save")
    .description("Save charts and their images into one archive, an OCI image layout (oci-archive)")
    .argument("[chart-or-images...]", "charts (folder, archive, oci:// reference, a name in --repo), image references");
  platformOption(layoutOptions(registriesOption(chartOptions(command))), "save only this platform; may be repeated")
    .requiredOption("--out <file>", "the archive to write")
    .option("--since <file>", "an earlier archive: what it has of layers is left out")
    .option(
      "--to <host[/path]>",
      "address of the mirror, for the lock file and the patches of charts that name it",
      checked(parseChartMirror),
    )
    .option("--referrers", "save signatures, attestations and SBOMs, too")
    .option("--concurrency <number>", "blobs on their way at once from each registry", checked(parseConcurrency))
    .addOption(
      new Option(
        "--foreign-layers <what>",
        "layers that their owner keeps outside registries: copy them as far as their licence allows it, or refuse their images",
      ).choices(["skip", "copy", "refuse"]),
    )
    .option("--confirm", "ask registries whether texts that are only shaped like images are some")
    .option("--extra-image <reference>", "image that the analysis cannot see", collect, [])
    .option("--ignore-image <pattern>", "reference to leave alone, * for any characters", collect, [])
    .option("--plain-http-source <host>", "source that speaks http without TLS", checkedList(parseHost), [])
    .action(run((names: string[], options: SaveOptions) => action().saveCommand(names, options, streams)));
};

const action = () => require("./saveCommand") as typeof import("./saveCommand");
