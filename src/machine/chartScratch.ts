import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChartCopy } from "../chart/content/chartCopy";
import type { Render } from "../chart/render/render";

/** Renders changed copies of one chart in a temporary folder, which it deletes when it is closed. */
export class ChartScratch {
  private copy: Promise<ChartCopy> | undefined;
  private folder: string | undefined;

  /** @param renderOf renders a folder the way that the chart itself is rendered */
  constructor(
    private readonly chartFolder: string,
    private readonly name: string,
    private readonly renderOf: (folder: string) => Render,
  ) {}

  /** A render of the chart in which these files, by their location, have these texts. */
  async renderPatched(files: ReadonlyMap<string, string>): Promise<Render> {
    const copy = await (this.copy ??= this.makeCopy());
    const render = this.renderOf(copy.folder);
    return async (values, what) => {
      await copy.apply(files);
      return render(values, what);
    };
  }

  async close(): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  private async makeCopy(): Promise<ChartCopy> {
    this.folder = await mkdtemp(join(tmpdir(), "chart-mirror-"));
    return ChartCopy.create(this.chartFolder, join(this.folder, this.name));
  }
}
