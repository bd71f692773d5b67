import type { Command } from "commander";
import { layoutOptions, mirrorAccessOptions, outputOption, registriesOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { parseConcurrency } from "../options/copyCommandOptions";
import { wordsOf } from "../options/commandLineWords";
import { withExamples } from "../options/examples";
import { parseMirror } from "../options/mirrorOption";
import { checked, collect } from "../options/optionValues";
import type { CliCommand } from "./cliCommand";
import type { LoadOptions } from "./loadCommand";

export const load: CliCommand = (program, { run, streams, input }) => {
  const command = program
    .command("load")
    .description("Bring everything in an OCI image layout, an archive of save or another one, into the mirror")
    .argument("<layout>", "archive (oci-archive), or folder");
  mirrorAccessOptions(
    withExamples(registriesOption(layoutOptions(command)), [
      ["chart-mirror load shop.tar --to registry.example.com/platform --dry-run"],
      ["chart-mirror load shop.tar --to registry.example.com/platform --lock-file chart-mirror.lock.yaml"],
      ["chart-mirror load shop-2.tar --since shop.tar --to registry.example.com/platform"],
    ])
      .optionsGroup(GROUPS.mirror)
      .requiredOption("--to <host[/path]>", "address of the mirror", checked(parseMirror))
      .optionsGroup(GROUPS.images)
      .option("--since <file>", "an earlier archive that has what this one lacks; may be repeated", collect, [])
      .optionsGroup(GROUPS.output)
      .addOption(outputOption(program))
      .option("--lock-file <file>", "write the lock file of the archive here")
      .option("--dry-run", "list what would be brought, its size, and whether it is there; bring nothing")
      .optionsGroup(GROUPS.registries)
      .option(
        "--concurrency <number>",
        "blobs on their way at once to the mirror (default: 4)",
        checked(parseConcurrency),
      ),
  ).action(
    run((file: string, options: LoadOptions, self: Command) =>
      action().loadCommand(file, options, streams, input, wordsOf(self)),
    ),
  );
};

const action = () => require("./loadCommand") as typeof import("./loadCommand");
