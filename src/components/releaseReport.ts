import { resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { refuseOutputFile, writeOutputFile } from "../files/outputFile";
import { OutputRefusedError } from "../files/outputRefused";
import { readIfThere, statIfThere } from "../files/presence";
import { redact } from "../inputs/redact";
import { mirrorPrefix, type MirrorAddress } from "../plan/layout";
import { REPORT_MARK, reportHtml } from "../plan/report/html/reportHtml";
import { planReport, type PlanReport } from "../plan/report/planReport";
import { COMMENT_MARK, reportMarkdown } from "../plan/report/reportMarkdown";
import type { ResolvedImage, ResolvedPlan } from "../plan/resolvedPlan";

/** Who writes which file in this process: two components must not take one from each other. */
const CLAIMS = new Map<string, string>();

/** The images of the last update, with which a report compares. */
export type EarlierImages = readonly { readonly source: string; readonly target: string; readonly digest?: string }[];

/** What copies have found. */
export type CopiedImages = pulumi.Output<
  { source: string; target: string; digest: string; size: number; platforms: string[] }[]
>;

/** A report that a component keeps beside the program, of what it plans and of what it has done. */
export class ReleaseReport {
  private constructor(
    private readonly path: string,
    private readonly mirror: MirrorAddress,
    private readonly secrets: readonly string[],
    private readonly earlier: EarlierImages,
  ) {}

  /**
   * Looks at the file before any work.
   *
   * @param path relative to the folder that Pulumi works in; its ending says whether it is a page or Markdown
   * @param inputs files that the release is made of
   * @throws {OutputRefusedError}
   */
  static async open(
    name: string,
    path: string,
    inputs: readonly (string | undefined)[],
    { mirror, secrets, earlier }: { mirror: MirrorAddress; secrets: readonly string[]; earlier: EarlierImages },
  ): Promise<ReleaseReport> {
    const what = `the report of ${name}`;
    const refuse = (reason: string, remedy: string) => new OutputRefusedError(`${path} (${what})`, reason, remedy);
    if (!/\.(?:html|md)$/.test(path))
      throw refuse("its name ends in neither .html nor .md", "Name it plan.html or plan.md");
    const place = resolve(path);
    const other = CLAIMS.get(place) ?? name;
    if (other !== name) throw refuse(`the report of ${other} is written there`, "Name another file");
    CLAIMS.set(place, name);
    if ((await statIfThere(path))?.isDirectory()) throw refuse("it is a folder", "Name a file");
    await refuseOutputFile(path, { what, inputs: inputs.filter((one) => one !== undefined) });
    const there = (await readIfThere(path)) ?? "";
    if (there.trim() !== "" && !there.includes(path.endsWith(".md") ? COMMENT_MARK : REPORT_MARK))
      throw refuse("what is there is no such report", "Name another file, or delete this one");
    return new ReleaseReport(path, mirror, secrets, earlier);
  }

  /** Writes it. @param packedAnew whether the mirror's digests are others than those of the sources */
  async write(plan: ResolvedPlan, images: readonly ResolvedImage[], packedAnew: boolean): Promise<void> {
    const before = new Map(this.earlier.map((image) => [`${image.source} ${image.target}`, image.digest]));
    // What stays as it was mirrored is not looked up; what a daemon has packed has a digest that no source has.
    const known = images.map((image) => {
      const digest = before.get(`${image.source} ${image.target}`);
      return digest !== undefined && (packedAnew || image.digest === undefined)
        ? { ...image, digest, targetDigest: digest }
        : image;
    });
    const baseline = { kind: "update" as const, images: this.earlier };
    const report = planReport({ ...plan, images: known }, { mirror: mirrorPrefix(this.mirror), baseline });
    const shown = withoutSecrets(report, this.secrets) as PlanReport;
    const text = this.path.endsWith(".md") ? reportMarkdown(shown) : reportHtml(shown);
    await writeOutputFile(this.path, text, { what: "the report" });
  }
}

/** Each text of it, before it is escaped for a page: a secret would not be found in it afterwards. */
function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, secrets)]));
}

/** Writes a report once the copies of an update are there, with what they have found. */
export function reportCopies(report: ReleaseReport, plan: ResolvedPlan, copied: CopiedImages): void {
  copied.apply((all) => {
    const known = new Map(all.map((one) => [`${one.source} ${one.target}`, one]));
    const images = plan.images.map((image) => {
      const one = known.get(`${image.source} ${image.target}`);
      return one
        ? { ...image, digest: one.digest, targetDigest: one.digest, size: one.size, platforms: one.platforms }
        : image;
    });
    return report.write(plan, images, false);
  });
}
