import type * as dynamic from "@pulumi/pulumi/dynamic";
import { MirrorError } from "../error";
import { parseReference } from "../image/reference";
import type { NewArtifact } from "../oci/manifest/artifact";
import { artifactManifest } from "../oci/manifest/artifactManifest";
import type { Registries } from "../oci/registries";
import { chartArtifact } from "../plan/chartArtifact";
import type { EngineLog } from "../resource/engineLog";
import type { AccessInput } from "./imageCopyInputs";
import { isUnknown, UNKNOWN } from "../resource/unknownInputs";
import { isRefusedLook } from "./refusedLook";

/** What a ChartPush's provider receives and keeps. Names are part of old states: add, never rename. */
export interface ChartPushInputs {
  /** The archive, relative to the program's folder. */
  file: string;
  target: string;
  version: string;
  /** Of the artifact. */
  digest: string;
  access?: AccessInput[];
  /** The version, once the registry has it. */
  pushedVersion?: string;
}

/** What the provider needs from outside. */
export interface ChartPushProviderDependencies {
  readonly registriesFor: (access: readonly AccessInput[]) => Pick<Registries, "head" | "pushArtifact">;
  readonly log: EngineLog;
  /** Reads a file below the program's folder. */
  readonly read: (file: string) => Promise<Buffer>;
}

/** The archive of a chart is not what the program has planned. `code` is `CHART_ARCHIVE_CHANGED`. */
export function chartArchiveChanged(file: string, target: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "CHART_ARCHIVE_CHANGED",
    `Pushing the chart ${file} to ${target} failed: ${reason}`,
    "Run the program again, which packs the chart: pulumi up",
    options,
  );
}

/**
 * The life of a chart in a registry:
 * - `diff` ignores credentials and the archive's place on disk, and asks for a push when the registry does not hold the
 *   artifact any more;
 * - `create` and `update` push the archive, whose digest the program knows;
 * - `delete` says that the chart stays, since other stacks may deploy it.
 */
export function chartPushProvider({
  registriesFor,
  log,
  read,
}: ChartPushProviderDependencies): dynamic.ResourceProvider {
  const push = async (inputs: ChartPushInputs): Promise<ChartPushInputs> => {
    const { file, target, version, digest, access = [] } = inputs;
    const registries = registriesFor(access);
    const reference = parseReference(target);
    const pushed = { ...inputs, pushedVersion: version };
    // A registry whose tags are immutable refuses even the same artifact.
    if ((await registries.head(reference))?.digest === digest) return pushed;
    const artifact = await artifactOf(inputs, read);
    const packed = artifactManifest(artifact).digest;
    if (packed !== digest)
      throw chartArchiveChanged(file, target, `it makes the artifact ${packed}, and ${digest} was planned`);
    await registries.pushArtifact(reference, artifact);
    log.info(`${target}: chart pushed`);
    return pushed;
  };

  return {
    async diff(_id, olds: ChartPushInputs, news: ChartPushInputs) {
      const { target, digest, access } = news;
      if (olds.target !== target) return { changes: true, replaces: ["target"] };
      if (olds.digest !== digest) {
        if (target !== UNKNOWN && digest !== UNKNOWN && olds.version === news.version)
          log.warn(
            `The chart ${target} has changed and its version has not: neither Helm nor Pulumi see that in a release that ` +
              "is deployed. Give it another version in its Chart.yaml",
          );
        return { changes: true };
      }
      if (target === UNKNOWN || isUnknown(access)) return { changes: false };
      try {
        const there = (await registriesFor(access ?? []).head(parseReference(target)))?.digest;
        if (there === digest) return { changes: false };
        log.warn(
          there === undefined
            ? `The chart ${target} is missing in the registry: it will be pushed again`
            : `The chart ${target} is ${there} in place of ${digest} in the registry: it will be pushed again`,
        );
        return { changes: true };
      } catch (error) {
        // A preview may run where the mirror cannot be reached; that must not stop a review.
        log.warn(`Could not check that the chart ${target} is still there: ${(error as Error).message}`);
        return { changes: isRefusedLook(error) };
      }
    },

    async create(inputs: ChartPushInputs) {
      return { id: inputs.target, outs: await push(inputs) };
    },

    async update(_id, _olds: ChartPushInputs, news: ChartPushInputs) {
      return { outs: await push(news) };
    },

    async read(id, props: ChartPushInputs) {
      try {
        const there = await registriesFor(props.access ?? []).head(parseReference(props.target));
        return there === undefined ? {} : { id, props: { ...props, digest: there.digest } };
      } catch (error) {
        log.warn(`Could not read the chart ${props.target}: ${(error as Error).message}`);
        return { id, props };
      }
    },

    delete(_id, { target }: ChartPushInputs) {
      log.info(`The chart ${target} stays in the mirror: other stacks may deploy it`);
      return Promise.resolve();
    },
  };
}

async function artifactOf(
  { file, target }: ChartPushInputs,
  read: ChartPushProviderDependencies["read"],
): Promise<NewArtifact> {
  try {
    const archive = await read(file);
    return chartArtifact(await loadPackedChart().packedMetadata(archive), archive);
  } catch (error) {
    throw chartArchiveChanged(file, target, (error as Error).message, { cause: error });
  }
}

/** It reads charts, and most processes push none. */
const loadPackedChart = () => require("../machine/packedChart") as typeof import("../machine/packedChart");
