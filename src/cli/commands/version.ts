import { thisPackage } from "../../machine/toolVersion";
import { EXIT } from "../output/exitCodes";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";

export const version: CliCommand = (program, { run, streams }) =>
  withExamples(program.command("version").description("Print the version of chart-mirror"), [
    ["chart-mirror version"],
  ]).action(
    run(() => {
      streams.out(`${thisPackage().version}\n`);
      return Promise.resolve(EXIT.whole);
    }),
  );
