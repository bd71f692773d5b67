import type { Command } from "commander";
import { TagPolicy } from "../../plan/tagPolicy";
import { mirrorCommand, pinOption, registriesOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { withExamples } from "../options/examples";
import { EXIT } from "../output/exitCodes";
import type { CliCommand } from "./cliCommand";
import type { LockOptions } from "./lockCommand";

export const lock: CliCommand = (program, { run, streams, args }) =>
  withExamples(
    pinOption(
      registriesOption(mirrorCommand(program, "lock", "Write down what mirroring the chart does, for all machines")),
    ),
    [
      ["chart-mirror lock ./chart --to registry.example.com/platform"],
      ["chart-mirror lock ./chart --to registry.example.com/platform --check", "in a pipeline"],
      ["chart-mirror lock ./chart --to registry.example.com/platform --tags pin", "new images, and the known digests"],
    ],
  )
    .optionsGroup(GROUPS.output)
    .option("--lock-file <file>", "the file to write or to check", "chart-mirror.lock.yaml")
    .option("--check", `write nothing; exit with ${EXIT.stale} when the file is not what the chart needs`)
    .addOption(
      program
        .createOption(
          "--tags <policy>",
          "whether tags that have moved are followed, kept, or an error (default: follow; with --check, pin)",
        )
        .choices(Object.values(TagPolicy)),
    )
    .action(
      run((chart: string, options: LockOptions, self: Command) => {
        const { sameCommand } = require("../output/sameCommand") as typeof import("../output/sameCommand");
        const renew = sameCommand(args, self, { without: ["--check", "--output", "--verbose"] });
        return action().lockCommand(chart, options, streams, renew);
      }),
    );

const action = () => require("./lockCommand") as typeof import("./lockCommand");
