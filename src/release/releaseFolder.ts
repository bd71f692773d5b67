import { rm } from "node:fs/promises";

/**
 * The folder of a component beside the program, which is made anew in every run: a patched chart, or archives.
 *
 * Its path is relative and the same on every machine, since Pulumi compares it as text.
 */
export class ReleaseFolder {
  readonly path: string;

  /** @param name the component's */
  constructor(name: string) {
    this.path = `./.chart-mirror/${name}`;
  }

  /** The path in this folder of a file or folder. */
  at(name: string): string {
    return `${this.path}/${name}`;
  }

  /**
   * Writes the folder as a whole; what former runs have left in it goes.
   *
   * @param fill makes the folder of the path that it gets; afterwards that is {@link path}
   */
  async write(_source: string, fill: (folder: string) => Promise<void>): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await fill(this.path);
  }
}
