import type * as pulumi from "@pulumi/pulumi";
import { coalescedValues } from "../chart/content/chartValues";
import type { LoadedChart } from "../chart/source/source";
import type { AccessInput } from "../copy/imageCopyInputs";
import { knownNow } from "../inputs/knownNow";
import { refuseLostKeys } from "../inputs/lostKeys";
import { plainValues } from "../inputs/plainValues";
import type { JsonObject } from "../json";
import type { MirrorAddress } from "../plan/layout";
import type { ChartMirrorArgs } from "./chartMirrorArgs";
import { loadReleaseChart } from "./loadReleaseChart";
import { ReleaseLock } from "./releaseLock";
import { readSourceAccess, sourceAccessOf } from "./sourceAccess";
import { readValueFiles } from "./valueFiles";

/** What a release is planned from. */
export interface ReleaseInputs {
  readonly mirror: MirrorAddress;
  readonly lock: ReleaseLock | undefined;
  readonly access: readonly AccessInput[];
  /** Hosts whose login is not known yet. */
  readonly notYet: ReadonlySet<string>;
  readonly chartName: string;
  readonly loaded: LoadedChart;
  readonly user: Awaited<ReturnType<typeof plainValues>>;
  readonly files: Awaited<ReturnType<typeof readValueFiles>>;
  readonly defaults: JsonObject;
}

/**
 * Reads all that a release is made of: the chart, the values, and the logins for where images come from. Whoever gets the
 * chart removes what was unpacked of it.
 *
 * @param secrets gets every secret text that is met
 */
export async function readReleaseInputs(
  name: string,
  args: ChartMirrorArgs,
  secrets: string[],
): Promise<ReleaseInputs> {
  const known = <T>(input: pulumi.Input<T>, what: string): Promise<T> => knownNow(input, `the ${what} of ${name}`);
  const mirror = await args.registry.address;
  const lock = args.lockFile === undefined ? undefined : await ReleaseLock.open(args.lockFile, args.tags);
  const { access, notYet } = await readSourceAccess(sourceAccessOf(args), secrets);
  const chartName = await known(args.chart, "chart");
  const loaded = await loadReleaseChart(name, args, { chartName, access, mirror, lock, secrets });
  try {
    await refuseLostKeys(args.values);
    const user = await plainValues(args.values);
    secrets.push(...user.secrets);
    const files = await readValueFiles((await known(args.valueYamlFiles, "valueYamlFiles")) ?? []);
    const defaults = coalescedValues(loaded.chart, {});
    return { mirror, lock, access, notYet, chartName, loaded, user, files, defaults };
  } catch (error) {
    await loaded.remove?.();
    throw error;
  }
}
