import type { Command } from "commander";
import { MirrorError } from "../../error";
import type { MirrorAddress } from "../../plan/layout";
import { GROUPS } from "../options/optionGroups";
import { parseMirror } from "../options/mirrorOption";
import { checkedList, collect } from "../options/optionValues";
import type { OutputFormat } from "../output/outputFormat";

/** How images are printed that are ready to be pasted. */
export const EXTRA_IMAGES_FORMS = ["yaml", "ts"] as const;
export type ExtraImagesForm = (typeof EXTRA_IMAGES_FORMS)[number];

/** The options of commands that look at a cluster's images. */
export interface ClusterOptions {
  readonly cluster?: boolean;
  /** The only namespace that is looked at. */
  readonly namespace?: string;
  /** Path of a kubeconfig. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Mirrors; without any, those that `MirrorAdmission` has written at the namespaces. */
  readonly to: readonly MirrorAddress[];
  readonly ignoreImage: readonly string[];
  readonly auditLog: readonly string[];
  readonly extraImages?: ExtraImagesForm;
  readonly output?: OutputFormat;
}

/** Options that do not go together, or lack each other. `code` is `INVALID_CLUSTER_OPTIONS`. */
export function invalidClusterOptions(reason: string, remedy: string): MirrorError {
  return new MirrorError("INVALID_CLUSTER_OPTIONS", reason, remedy);
}

/** Which cluster is looked at, and what of it counts. */
export function clusterOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.cluster)
    .option("--cluster", "look at the images of a cluster's pods, and not at a chart or release")
    .option("--kubeconfig <file>", "kubeconfig of the cluster (default: kubectl's)")
    .option("--context <name>", "context of the kubeconfig (default: its current one)")
    .option(
      "--to <host[/path]>",
      "with --cluster, address of the mirror; may be repeated (default: what MirrorAdmission has written at the namespaces)",
      checkedList(parseMirror),
      [],
    )
    .option("--ignore-image <pattern>", "with --cluster, reference to leave alone, * for any characters", collect, [])
    .option(
      "--audit-log <file>",
      "with --cluster, audit log of its API server, - for standard input; may be repeated",
      collect,
      [],
    );
}

/** How the images are printed that are ready to be pasted. */
export function extraImagesOption(command: Command): Command {
  return command
    .optionsGroup(GROUPS.cluster)
    .addOption(
      command
        .createOption("--extra-images <form>", "with --cluster, print the images ready to be pasted into a program")
        .choices(EXTRA_IMAGES_FORMS),
    );
}

/** Options that mean a cluster are of no use without `--cluster`. @throws {MirrorError} `INVALID_CLUSTER_OPTIONS` */
export function refuseClusterOptions(
  options: Partial<ClusterOptions>,
  but: readonly (keyof ClusterOptions)[] = [],
): void {
  const { kubeconfig, context, to = [], ignoreImage = [], auditLog = [], extraImages } = options;
  const given: Partial<Record<keyof ClusterOptions, boolean>> = {
    kubeconfig: kubeconfig !== undefined,
    context: context !== undefined,
    to: to.length > 0,
    ignoreImage: ignoreImage.length > 0,
    auditLog: auditLog.length > 0,
    extraImages: extraImages !== undefined,
  };
  const [first] = (Object.keys(given) as (keyof ClusterOptions)[]).filter((key) => given[key] && !but.includes(key));
  if (first === undefined) return;
  const flag = first.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw invalidClusterOptions(`--${flag} is for --cluster`, "Add --cluster, or leave it out");
}
