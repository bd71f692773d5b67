/** One file of a chart as it lies in a folder or archive. */
export interface RawFile {
  /** Inside the chart, with forward slashes. */
  readonly path: string;
  /** As `ChartFile.location`. */
  readonly location: string;
  readonly data: Buffer;
}
