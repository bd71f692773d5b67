import type { JsonObject } from "../../json";
import type { Finding } from "../../plan/relocationPlan";
import { alignObjects } from "../render/alignment";
import type { Chart } from "../content/chart";
import { templateTexts } from "../content/chartFiles";
import { enabledChart } from "../content/chartValues";
import { differencePlace, differences } from "./differences";
import { crdFiles } from "../render/crdFiles";
import type { Manifest } from "../render/kubernetesManifest";
import { RenderError, UpgradeNotRenderedError, type Render } from "../render/render";
import type { TemplateText } from "../content/templateMentions";

/** The render of `helm upgrade` where it differs from that of an install; a finding where it is not known. */
export interface UpgradeRender {
  /** Absent where it is the same as for an install, or not known. */
  readonly manifests?: readonly Manifest[];
  readonly finding?: Finding;
}

/**
 * Renders a chart as an upgrade of itself, where it tells upgrades from installs; most do not, and need no such render.
 *
 * @param render as an upgrade
 */
export async function renderUpgrade(
  templates: readonly TemplateText[],
  values: JsonObject,
  render: () => Promise<readonly Manifest[]>,
): Promise<UpgradeRender> {
  // Values go through `tpl` in many charts.
  const texts = [...templates.map(({ text }) => text), JSON.stringify(values)];
  // `helm template` knows the first revision alone.
  const unknown = texts.some(branchesOnRevision)
    ? { finding: notRendered("its templates decide by .Release.Revision, which only a release has") }
    : {};
  if (!texts.some((text) => /\bIs(?:Upgrade|Install)\b/.test(text))) return unknown;
  try {
    return { manifests: await render(), ...unknown };
  } catch (error) {
    if (error instanceof RenderError) return { finding: notRendered(error.failure.reason) };
    if (error instanceof UpgradeNotRenderedError) return { finding: notRendered(error.problem) };
    throw error;
  }
}

function branchesOnRevision(text: string): boolean {
  // Action by action, so that the time grows with the text.
  return text.split("{{").some((action) => {
    const [condition = ""] = action.split("}", 1);
    return /^-?\s*(?:else\s+)?if\b/.test(condition) && /\.Release\.Revision\b/.test(condition);
  });
}

function notRendered(reason: string): Finding {
  return {
    severity: "warning",
    code: "UPGRADE_NOT_RENDERED",
    message:
      `what the chart makes in an upgrade alone is not known: ${reason}. Images of objects and hooks that only an upgrade ` +
      "has would be missed: set the values with which it renders as an upgrade (helm template --is-upgrade), or name them as extra images",
  };
}

/** The objects that an upgrade has and an install has not, or not so. */
export class UpgradeObjects {
  /** Their indexes in the upgrade's render. */
  private readonly indexes: ReadonlySet<number>;

  /**
   * @param install how the chart renders as an install
   * @param upgrade the same values rendered as an upgrade
   * @param again the install another time, where it renders differently every time
   */
  constructor(
    install: readonly Manifest[],
    private readonly upgrade: readonly Manifest[],
    again: readonly Manifest[] = install,
  ) {
    const objects = install.map(({ object }) => object);
    const unstable = new Set(
      differences(
        objects,
        again.map(({ object }) => object),
      ).map(differencePlace),
    );
    const changed = differences(
      objects,
      upgrade.map(({ object }) => object),
    ).filter((difference) => !unstable.has(differencePlace(difference)));
    const pairs = alignObjects(
      objects,
      upgrade.map(({ object }) => object),
    );
    const paired = new Set(pairs);
    const indexes = new Set(changed.flatMap(({ object }) => (object < 0 ? [] : [pairs[object] ?? -1])));
    upgrade.forEach((_, i) => {
      if (!paired.has(i)) indexes.add(i);
    });
    indexes.delete(-1);
    this.indexes = indexes;
  }

  /** Whether there is any. */
  get any(): boolean {
    return this.indexes.size > 0;
  }

  /** They themselves. */
  get manifests(): readonly Manifest[] {
    return this.upgrade.filter((_, i) => this.indexes.has(i));
  }

  /** The same objects in an upgrade with other values; what came with these stands behind. */
  in(other: readonly Manifest[]): readonly Manifest[] {
    const pairs = alignObjects(
      this.upgrade.map(({ object }) => object),
      other.map(({ object }) => object),
    );
    const paired = new Set(pairs);
    const same = pairs.flatMap((pair, i) => (this.indexes.has(i) && pair >= 0 ? [other[pair] as Manifest] : []));
    return [...same, ...other.filter((_, i) => !paired.has(i))];
  }
}

/** All that Helm makes of a chart, in installs and in upgrades, and what it installs of `crds/`, for whoever only looks at it. */
export async function renderBothWays(
  chart: Chart,
  values: JsonObject,
  render: Render,
): Promise<{ readonly manifests: readonly Manifest[]; readonly findings: readonly Finding[] }> {
  const enabled = enabledChart(chart, values);
  const templates = templateTexts(enabled);
  const [install, { manifests, finding }] = await Promise.all([
    render(values),
    renderUpgrade(templates, values, () => render(values, "upgrade")),
  ]);
  const more = manifests ? new UpgradeObjects(install, manifests).manifests : [];
  return { manifests: [...install, ...more, ...crdFiles(enabled)()], findings: finding ? [finding] : [] };
}
