import { thisPackage } from "../../machine/toolVersion";
import { outputOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { withExamples } from "../options/examples";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { OutputFormat } from "../output/outputFormat";
import type { CliCommand } from "./cliCommand";

export const version: CliCommand = (program, { run, streams }) =>
  withExamples(program.command("version").description("Print the version of chart-mirror"), [["chart-mirror version"]])
    .optionsGroup(GROUPS.output)
    .addOption(outputOption(program))
    .action(
      run(({ output }: { output?: OutputFormat }) => {
        const { name, version: number } = thisPackage();
        const report = { headings: ["name", "version"], rows: [[name, number]], data: { name, version: number } };
        streams.out(output === undefined ? `${number}\n` : formatReport(report, output));
        return Promise.resolve(EXIT.whole);
      }),
    );
