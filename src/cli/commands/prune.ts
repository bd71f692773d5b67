import { layoutOptions, mirrorAccessOptions, outputOption, registriesOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { withExamples } from "../options/examples";
import { parseMirror } from "../options/mirrorOption";
import { checked, checkedList, collect } from "../options/optionValues";
import { parseKeepDays } from "../prune/keepDays";
import type { CliCommand } from "./cliCommand";
import type { PruneOptions } from "./pruneCommand";

export const prune: CliCommand = (program, { run, streams, input }) => {
  const command = program
    .command("prune")
    .description("Delete what of the mirror no lock file, no release and no pod needs any more; shows it unless --yes")
    .optionsGroup(GROUPS.mirror)
    .requiredOption("--to <host[/path]>", "address of the mirror", checked(parseMirror))
    .option(
      "--alias <host[/path]>",
      "another address of the same mirror; may be repeated",
      checkedList(parseMirror),
      [],
    );
  layoutOptions(command)
    .optionsGroup("What stays, what may go:")
    .option(
      "--lock, --lock-file <file>",
      "lock file that holds; what it named in git's history may go. May be repeated",
      collect,
      [],
    )
    .option("--ledger <file>", "lock file that held once: what it names may go. May be repeated", collect, [])
    .option(
      "--owned-repositories",
      "all that lies below the address of the mirror may go: nobody else keeps images there",
    )
    .option("--keep-days <days>", "what was needed within so many days stays", checked(parseKeepDays), 30)
    .option("--yes", "delete it")
    .option("--dry-run", "show it, and delete nothing: the default")
    .optionsGroup(GROUPS.cluster)
    .option("--kubeconfig <file>", "kubeconfig of a cluster that uses the mirror; may be repeated", collect, [])
    .option("--context <name>", "context of the kubeconfig (default: kubectl's); may be repeated", collect, [])
    .option("--all-contexts", "every context of the kubeconfig");
  mirrorAccessOptions(
    withExamples(registriesOption(command), [
      [
        "chart-mirror prune --to registry.example.com/platform --lock-file chart-mirror.lock.yaml --all-contexts",
        "what would go; --yes deletes it",
      ],
    ]),
  )
    .optionsGroup(GROUPS.output)
    .option("--list-kept", "show what stays, too, and what for")
    .addOption(outputOption(program))
    .action(run((options: PruneOptions) => action().pruneCommand(options, streams, input)));
};

const action = () => require("./pruneCommand") as typeof import("./pruneCommand");
