import type { RegistrySession, SessionOptions } from "../registry/session";
import { ImageLayout } from "./imageLayout";
import { LayoutSession } from "./layoutSession";

/** The layouts that one process reads: each is opened with its first use, once. */
export class OpenLayouts {
  private readonly open = new Map<string, Promise<ImageLayout>>();
  private isClosed = false;

  /** A session that reads layouts in place of a registry. */
  session(options: SessionOptions, places: readonly [string, ...string[]]): RegistrySession {
    return new LayoutSession(options, layoutLocation(places[0]), async () => {
      const [first, ...others] = places;
      return [await this.layout(first), ...(await Promise.all(others.map((place) => this.layout(place))))];
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(
      [...this.open.values()].map((layout) =>
        layout.then(
          (opened) => opened.close(),
          () => undefined,
        ),
      ),
    );
    this.open.clear();
  }

  private layout(place: string): Promise<ImageLayout> {
    const known = this.open.get(place);
    if (known) return known;
    if (this.isClosed) throw new Error(`${place} was closed`);
    const layout = ImageLayout.open(place);
    this.open.set(place, layout);
    return layout;
  }
}

/** The name of a layout in errors. */
export const layoutLocation = (place: string): string => `OCI image layout ${place}`;
