import type { Command } from "commander";
import {
  chartOptions,
  foreignLayersOption,
  layoutOptions,
  platformOption,
  registriesOption,
} from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { parseConcurrency, parseHost } from "../options/copyCommandOptions";
import { wordsOf } from "../options/commandLineWords";
import { withExamples } from "../options/examples";
import { parseChartMirror } from "../options/mirrorOption";
import { checked, checkedList, collect } from "../options/optionValues";
import type { CliCommand } from "./cliCommand";
import type { SaveOptions } from "./saveCommand";

export const save: CliCommand = (program, { run, streams }) => {
  const command = program
    .command("save")
    .description("Save charts and their images into one archive, an OCI image layout (oci-archive)")
    .argument("[chart-or-images...]", "charts (folder, archive, oci:// reference, a name in --repo), image references");
  withExamples(
    platformOption(layoutOptions(registriesOption(chartOptions(command))), "save only this platform; may be repeated"),
    [
      ["chart-mirror save ./chart --out shop.tar --to registry.example.com/platform"],
      ["chart-mirror save ./chart --out shop-2.tar --since shop.tar", "what is new alone"],
    ],
  )
    .optionsGroup(GROUPS.mirror)
    .optionsGroup(GROUPS.output)
    .requiredOption("--out <file>", "the archive to write")
    .option("--since <file>", "an earlier archive: what it has of layers is left out")
    .optionsGroup(GROUPS.mirror)
    .option(
      "--to <host[/path]>",
      "address of the mirror, for the lock file and the patches of charts that name it",
      checked(parseChartMirror),
    )
    .optionsGroup(GROUPS.images)
    .option("--referrers", "save signatures, attestations and SBOMs, too")
    .optionsGroup(GROUPS.registries)
    .option(
      "--concurrency <number>",
      "blobs on their way at once from each registry (default: 4)",
      checked(parseConcurrency),
    )
    .optionsGroup(GROUPS.images)
    .addOption(foreignLayersOption(program))
    .option("--confirm", "ask registries whether texts that are only shaped like images are some")
    .option("--extra-image <reference>", "image that the analysis cannot see", collect, [])
    .option("--ignore-image <pattern>", "reference to leave alone, * for any characters", collect, [])
    .optionsGroup(GROUPS.registries)
    .option("--plain-http-source <host>", "source that speaks http without TLS", checkedList(parseHost), [])
    .action(
      run((names: string[], options: SaveOptions, self: Command) =>
        action().saveCommand(names, options, streams, wordsOf(self)),
      ),
    );
};

const action = () => require("./saveCommand") as typeof import("./saveCommand");
