import { join } from "node:path";
import { ChartCopy } from "../chart/content/chartCopy";
import type { Render } from "../chart/render/render";
import { pathSegment } from "../files/pathSegment";
import { TemporaryFolder } from "../files/temporaryFolder";

/** Renders changed copies of one chart in a temporary folder, which it deletes when it is closed. */
export class ChartScratch {
  private copy: Promise<ChartCopy> | undefined;
  private folder: TemporaryFolder | undefined;

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
    await this.folder?.remove();
  }

  private async makeCopy(): Promise<ChartCopy> {
    const name = pathSegment(this.name, "a chart");
    this.folder = await TemporaryFolder.make();
    return ChartCopy.create(this.chartFolder, join(this.folder.path, name));
  }
}
