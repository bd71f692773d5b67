import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { OutputFolder } from "../files/outputFolder";
import { OWN_FOLDER } from "../files/ownFolder";
import { pathSegment } from "../files/pathSegment";
import { statIfThere } from "../files/presence";
import { digestOf } from "../image/digest";
import { shortHash } from "../plan/chartArtifact";

const ALL = `./${OWN_FOLDER}`;

/** Which components have a folder of which name in this process, by the types of each and of what it is in. */
const CLAIMS = new Map<string, string[]>();

/**
 * What the folder's name of a component ends in: nothing for the first of a name. Pulumi takes another one of that name
 * below a parent of another type, and one whose name an earlier one has given up, which must not write over the first one's
 * chart.
 *
 * Must be asked when the component is made, so that each program gives the same order in every run.
 *
 * @param firstName the name that the folder has, of a component that was renamed
 */
export function claimReleaseFolder(name: string, component: pulumi.Resource, firstName = name): string {
  const place = `${process.cwd()}/${firstName}`;
  const claimant = firstName === name ? typesOf(component) : `${typesOf(component)}::${name}`;
  const claims = CLAIMS.get(place) ?? [];
  if (!claims.includes(claimant)) CLAIMS.set(place, [...claims, claimant]);
  // No name of another component: those have a percent sign as `%25`.
  return claims.length === 0 || claims[0] === claimant ? "" : `%${shortHash(digestOf(claimant))}`;
}

/** As in its URN. */
function typesOf(component: pulumi.Resource): string {
  const { __pulumiType: type = "", __parentResource: parent } = component as pulumi.Resource & {
    readonly __pulumiType?: string;
    readonly __parentResource?: pulumi.Resource;
  };
  return parent === undefined ? type : `${typesOf(parent)}$${type}`;
}

/**
 * The folder of a component beside the program, which is made anew in every run: a patched chart, or archives.
 *
 * Its path is relative and the same on every machine, since Pulumi compares it as text.
 */
export class ReleaseFolder {
  readonly path: string;

  /**
   * @param name the component's: Pulumi takes slashes in names, and each component has a folder of its own
   * @param ending see {@link claimReleaseFolder}
   * @throws {MirrorError} `UNSAFE_NAME`
   */
  constructor(
    private readonly name: string,
    ending = "",
  ) {
    const segment = name.replace(/[%/\\]/g, (character) => encodeURIComponent(character));
    this.path = `${ALL}/${pathSegment(segment, "a component")}${ending}`;
  }

  /** The path in this folder of a file or folder that a chart has named. @throws {MirrorError} `UNSAFE_NAME` */
  at(name: string): string {
    return `${this.path}/${pathSegment(name, "what is written of a chart")}`;
  }

  /**
   * Writes the folder as a whole; what was in it goes.
   *
   * @param fill makes the folder of the path that it gets; afterwards that is {@link path}
   * @param source the chart's own folder, which may hold the program, but must not be in what is written
   * @throws {OutputRefusedError} where a link or something else has been put in its place
   */
  async write(source: string, fill: (folder: string) => Promise<void>): Promise<void> {
    const output = await OutputFolder.open(this.path, {
      what: `the chart of ${this.name}`,
      list: ".chart-mirror.json",
      others: "drop",
      inputs: [source],
      // A program may lie in the chart that it deploys, to which our folder does not belong.
      withinInputs: true,
      below: ".",
      unlisted: writtenByEarlierRelease,
    });
    await output.write(fill);
  }
}

/** Releases up to 0.1.0 kept no list: what they wrote are archives, a certificate, and folders of charts. */
async function writtenByEarlierRelease(folder: string, entries: readonly string[]): Promise<boolean> {
  const known = await Promise.all(
    entries.map(
      async (entry) =>
        entry === "ca.pem" ||
        /-[0-9a-f]{12}\.tgz$/.test(entry) ||
        (await statIfThere(join(folder, entry, "Chart.yaml"))) !== undefined,
    ),
  );
  return known.every(Boolean);
}
