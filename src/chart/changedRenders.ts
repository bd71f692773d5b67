import type { JsonObject } from "../json";
import type { ChartPatch } from "../plan/relocationPlan";
import type { UpgradeObjects } from "./compare/upgradeRender";
import type { Chart } from "./content/chart";
import { chartFilesOf, patchedFiles } from "./content/patch";
import { changedValues, filePatches, type Changes } from "./describe/changes";
import type { RelocateOptions } from "./describe/relocateOptions";
import { crdFiles, type CrdFiles } from "./render/crdFiles";
import type { Manifest } from "./render/kubernetesManifest";
import type { RenderedFor } from "./render/render";
import { RenderBudget } from "./render/renderBudget";

/** Renders that are kept in case the same values come again: few, since a render may be large. */
const REMEMBERED = 6;

/** A chart rendered with changes to its values and files, and what lies in `crds/` beside each render. */
export class ChangedRenders {
  /** How often Helm may be asked, and was. */
  readonly budget = new RenderBudget();
  readonly #remembered = new Map<string, Promise<readonly Manifest[]>>();
  readonly #unchanged: Promise<readonly Manifest[]>[] = [];
  readonly #texts: ReadonlyMap<string, string>;
  readonly #crds: CrdFiles;
  #upgrades: UpgradeObjects | undefined;
  /** Who waits for Helm to be asked. */
  #waiting: (() => void)[] = [];

  /**
   * @param chart the chart with what the values switch on
   * @param settable its values with the user's own over them
   */
  constructor(
    private readonly options: Pick<RelocateOptions, "chart" | "values" | "render" | "renderPatched">,
    chart: Chart,
    private readonly settable: JsonObject,
  ) {
    this.#crds = crdFiles(chart);
    this.#texts = new Map(chartFilesOf(options.chart).map((file) => [file.location, file.text]));
  }

  /** From now on each render has what upgrades alone have, too. */
  includeUpgrades(upgrades: UpgradeObjects): void {
    this.#upgrades = upgrades;
    this.#unchanged.length = 0;
  }

  /** Waits until Helm is asked the next time. */
  nextAsked(): Promise<void> {
    return new Promise((asked) => this.#waiting.push(asked));
  }

  /** How often Helm is asked for one set of changes. */
  get each(): number {
    return this.#upgrades ? 2 : 1;
  }

  /** How often Helm is asked for the proof of changes: besides, for the chart as it was, twice, unless that is known; upgrades of that seldom. */
  get proof(): number {
    return this.each + Math.max(0, 2 - this.#unchanged.filter(Boolean).length);
  }

  /** The lines of the chart's files that changes change. */
  patchesOf(changes: Changes): ChartPatch[] {
    return filePatches(changes, (file) => this.#texts.get(file) ?? "");
  }

  /** The user's own values, rendered another time. */
  again(time: number): Promise<readonly Manifest[]> {
    return (this.#unchanged[time] ??= this.of({ edits: new Map() }, true));
  }

  /** @param again whether the very same values are to be rendered once more */
  async of(changes: Changes, again = false): Promise<readonly Manifest[]> {
    const install = await this.for("install", changes, again);
    const upgrades = this.#upgrades;
    // One after the other: both may be of one patched copy.
    return upgrades ? [...install, ...upgrades.in(await this.for("upgrade", changes, again))] : install;
  }

  /** An install or an upgrade alone. */
  async for(what: RenderedFor, changes: Changes, again = false): Promise<readonly Manifest[]> {
    const { chart, renderPatched } = this.options;
    const values = changedValues(this.options.values, this.settable, changes);
    const patches = this.patchesOf(changes);
    if (patches.length === 0 || !renderPatched) {
      const rendered = again ? this.render(values, what) : this.remembered(values, what);
      return [...(await rendered), ...this.#crds()];
    }
    this.budget.take();
    const files = patchedFiles(chart, patches);
    const render = await renderPatched(files);
    return [...(await this.asked(render(values, what))), ...this.#crds(files)];
  }

  /** What these values render, or why they do not: a search comes by the same values again and again. */
  private remembered(values: JsonObject, what: RenderedFor): Promise<readonly Manifest[]> {
    const key = `${what} ${JSON.stringify(values)}`;
    const known = this.#remembered.get(key);
    if (known) return known;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= REMEMBERED) this.#remembered.delete(oldest);
    const rendered = this.render(values, what);
    this.#remembered.set(key, rendered);
    return rendered;
  }

  private render(values: JsonObject, what: RenderedFor): Promise<readonly Manifest[]> {
    this.budget.take();
    return this.asked(this.options.render(values, what));
  }

  private asked<T>(render: Promise<T>): Promise<T> {
    for (const tell of this.#waiting.splice(0)) tell();
    return render;
  }
}
