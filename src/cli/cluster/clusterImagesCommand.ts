import type { ClusterImage } from "../../kubernetes/clusterImages/imagesByReference";
import { clusterReader } from "../../kubernetes/clusterImages/clusterReader";
import type { Input } from "../options/passwordInput";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { Streams } from "../output/streams";
import { invalidClusterOptions, type ClusterOptions } from "./clusterOptions";
import { extraImagesText } from "./extraImagesText";
import { lookedAt, mirrorNotTold } from "./lookedAt";

/**
 * `chart-mirror images --cluster`: which images the pods of a cluster pull from outside the mirror, who named them, and the
 * `extraImages` that bring them there.
 *
 * @param connect the cluster; tests give one of theirs
 * @returns 0 when there is none, 3 when one is outside
 */
export async function clusterImagesCommand(
  options: ClusterOptions,
  streams: Streams,
  input: Input,
  connect = clusterReader,
): Promise<number> {
  const { output, extraImages } = options;
  if (output !== undefined && extraImages !== undefined)
    throw invalidClusterOptions("--output and --extra-images exclude each other", "Leave one of them out");
  const { images, excepted, unjudged, mirrorTold } = await lookedAt({
    options,
    streams,
    input,
    connect,
    wanted: (_, standing) => standing === "outside",
  });
  if (!mirrorTold) throw mirrorNotTold();
  if (extraImages !== undefined) streams.out(extraImagesText(images, extraImages));
  else {
    const headings = ["image", "pods", "made by", "why"];
    streams.out(formatReport({ headings, rows: images.map(row), data: images }, output ?? "table"));
  }
  const left = excepted > 0 ? `, ${excepted} excepted` : "";
  streams.err(`${images.length} images outside the mirror${left}\n`);
  if (unjudged > 0)
    streams.err(
      `${unjudged} images stand in namespaces that no MirrorAdmission is for: --to HOST[/PATH] holds them against the mirror, too\n`,
    );
  if (images.length > 0 && extraImages === undefined && (output ?? "table") === "table")
    streams.err(
      "--extra-images ts or yaml prints them ready to be pasted; chart-mirror why IMAGE --cluster says more of one\n",
    );
  return images.length > 0 ? EXIT.escapes : EXIT.whole;
}

function row({ reference, uses, refused, audited }: ClusterImage): string[] {
  const pods = uses.reduce((sum, use) => sum + use.pods.length, 0);
  const [use, ...others] = uses;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  if (use)
    return [
      reference,
      String(pods),
      `${use.namespace}/${use.owners.at(-1) ?? use.pods[0] ?? ""}${more}`,
      use.origin.why,
    ];
  const [told] = [...refused, ...audited];
  const why =
    refused.length > 0
      ? "the API server has refused it"
      : `the audit log has it${told?.user === undefined ? "" : `, by ${told.user}`}`;
  return [reference, "0", told ? `${told.namespace}/${told.object}` : "", why];
}
