import { CopyDisplay } from "../../../src/cli/copy/copyDisplay";
import { digestOf } from "../../../src/image/digest";
import type { CopyEvent } from "../../../src/oci/copy/progress";

const MIB = 2 ** 20;
const image = "mirror.test/app:1";

class Screen {
  out = "";
  err = "";
  milliseconds = 0;
  readonly display: CopyDisplay;

  constructor(count: number, columns?: number, more: { isPiped?: boolean; tellsLines?: boolean } = {}) {
    this.display = new CopyDisplay(
      {
        out: (text) => void (this.out += text),
        err: (text) => void (this.err += text),
        ...(columns !== undefined && { columns: () => columns }),
        ...(more.isPiped !== undefined && { isPiped: more.isPiped }),
      },
      count,
      () => this.milliseconds,
      more.tellsLines,
    );
  }

  events(...events: CopyEvent[]): void {
    for (const event of events) {
      this.milliseconds += 100;
      this.display.event(event);
    }
  }

  /** Seconds go by. */
  wait(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.milliseconds += 1000;
      this.display.tick();
    }
  }

  /** What stands on the last line. */
  get bar(): string {
    return this.err.split("\r\u001b[K").at(-1) as string;
  }
}

const planned = (bytesTotal: number, name = image): CopyEvent => ({
  type: "planned",
  image: name,
  bytesTotal,
  blobs: 3,
});
const progress = (bytesDone: number, bytesTotal: number): CopyEvent => ({
  type: "progress",
  image,
  bytesDone,
  bytesTotal,
});

describe("the bar", () => {
  it.each([
    [200, "[############............] 0/10 images  50.0 MiB of 100 MiB"],
    [64, "[############............] 0/10 images  50.0 MiB of 100 MiB"],
    [50, "[######......] 0/10 images  50.0 MiB of 100 MiB"],
    [40, "[#.] 0/10 images  50.0 MiB of 100 MiB"],
    [30, "0/10 images  50.0 MiB of 10"],
    [0, "[############............] 0/10 images  50.0 MiB of 100 MiB"],
  ])("gives way to the numbers on %i columns", (columns, bar) => {
    const screen = new Screen(10, columns);
    screen.events(planned(100 * MIB), progress(50 * MIB, 100 * MIB));
    expect(screen.bar).toBe(bar);
  });

  it.each([
    [120, "[############............] 0/10 images  50.0 MiB of 100 MiB  10.0 MiB/s  5 s left"],
    [68, "[####....] 0/10 images  50.0 MiB of 100 MiB  10.0 MiB/s  5 s left"],
    [67, "[#########........] 0/10 images  50.0 MiB of 100 MiB  10.0 MiB/s"],
    [58, "[####....] 0/10 images  50.0 MiB of 100 MiB  10.0 MiB/s"],
    [57, "[##########.........] 0/10 images  50.0 MiB of 100 MiB"],
    [40, "[#.] 0/10 images  50.0 MiB of 100 MiB"],
  ])("tells speed and time where there is room for them: %i columns", (columns, bar) => {
    const screen = new Screen(10, columns);
    screen.events(planned(100 * MIB));
    screen.milliseconds += 4900;
    screen.events(progress(50 * MIB, 100 * MIB));
    expect(screen.bar).toBe(bar);
  });

  it("counts images where no bytes are known", () => {
    const screen = new Screen(4, 80);
    screen.display.imageDone();
    expect(screen.bar).toBe("[######..................] 1/4 images");
  });

  it("tells the speed of what moves, not of what the target had", () => {
    const screen = new Screen(1, 80);
    const blob = { type: "blob", image, digest: digestOf("a") } as const;
    screen.events(
      planned(1000 * MIB),
      { ...blob, size: 600 * MIB, outcome: "present" },
      { ...blob, size: 300 * MIB, outcome: "mounted" },
    );
    screen.milliseconds = 10_000;
    screen.events(progress(950 * MIB, 1000 * MIB), { ...blob, size: 50 * MIB, outcome: "uploaded" });
    // Nothing moved in the first tenth of a second, of what came since the last sample before the window.
    expect(screen.bar).toMatch(/950 MiB of 1000 MiB {2}5\.1 MiB\/s {2}10 s left$/);
  });

  it("tells the speed of the last seconds", () => {
    const screen = new Screen(1, 120);
    screen.events(planned(1000 * MIB), progress(0, 1000 * MIB));
    for (let second = 1; second <= 10; second++) {
      screen.milliseconds = second * 1000;
      screen.display.event(progress(second * 40 * MIB, 1000 * MIB));
    }
    expect(screen.bar).toContain("40.0 MiB/s  15 s left");
    for (let second = 11; second <= 16; second++) {
      screen.milliseconds = second * 1000;
      screen.display.event(progress((400 + (second - 10) * 2) * MIB, 1000 * MIB));
    }
    expect(screen.bar).toContain("2.0 MiB/s  5 min left");
  });

  it("says that nothing moves, after ten seconds, until something does", () => {
    const screen = new Screen(1, 120);
    screen.events(planned(100 * MIB), progress(50 * MIB, 100 * MIB));
    screen.wait(9);
    expect(screen.bar).not.toContain("nothing");
    screen.wait(3);
    expect(screen.bar).toMatch(/50\.0 MiB of 100 MiB {2}nothing moves for 12 s$/);
    screen.events(progress(51 * MIB, 100 * MIB));
    expect(screen.bar).not.toContain("nothing");
  });

  it.each([60, 64, 70, 80, 132])("leaves room for what a terminal writes at ^C: %i columns", (columns) => {
    const screen = new Screen(10, columns);
    screen.events(planned(100 * MIB));
    screen.milliseconds += 4900;
    screen.events(progress(50 * MIB, 100 * MIB));
    expect(`${screen.bar}^C`.length).toBeLessThan(columns);
  });

  it("is not drawn where lines go through a pipe, perhaps into the same terminal", () => {
    const screen = new Screen(2, 80, { isPiped: true });
    screen.events(planned(1), progress(1, 1));
    screen.display.line("a -> b");
    screen.display.imageDone();
    expect(screen).toMatchObject({ out: "a -> b\n", err: "" });
    const data = new Screen(2, 80, { isPiped: true, tellsLines: false });
    data.events(planned(1), progress(1, 1));
    expect(data.bar).toMatch(/0\/2 images/);
  });

  it("is not drawn where there is no terminal", () => {
    const screen = new Screen(1);
    screen.events(planned(1), progress(1, 1));
    screen.display.line("a -> b");
    screen.display.imageDone();
    screen.display.close();
    expect(screen).toMatchObject({ out: "a -> b\n", err: "" });
  });
});

describe("waits", () => {
  const retry = (host: string, delayMs: number) =>
    ({ type: "retry", host, doing: "reading a manifest", reason: "it refused the connection", delayMs }) as const;

  it("of many copies for one registry are told once", () => {
    const screen = new Screen(40);
    for (const delayMs of [250, 500, 900])
      for (let copy = 0; copy < 40; copy++) screen.display.wait(retry("a.test", delayMs + copy));
    expect(screen.err).toBe("a.test: it refused the connection; trying again in 1 s\n");
  });

  it("of each registry, and those that last longer, are told", () => {
    const screen = new Screen(2);
    screen.display.wait(retry("a.test", 300));
    screen.display.wait(retry("b.test", 300));
    screen.display.wait({ type: "paused", host: "a.test", reason: "too many requests", delayMs: 60_000 });
    screen.milliseconds = 30_000;
    screen.display.wait(retry("a.test", 2000));
    screen.milliseconds = 66_000;
    screen.display.wait(retry("a.test", 2000));
    expect(screen.err.split("\n")).toEqual([
      "a.test: it refused the connection; trying again in 1 s",
      "b.test: it refused the connection; trying again in 1 s",
      "a.test: too many requests; trying again in 60 s",
      "a.test: it refused the connection; trying again in 2 s",
      "",
    ]);
  });
});

describe("a process that ends before its work", () => {
  it("says how far it came, and how it goes on", () => {
    const screen = new Screen(3);
    screen.display.imageDone();
    screen.display.interrupted(true);
    expect(screen.err).toBe("interrupted: 1 of 3 images are done; the same command copies the others\n");
  });

  it("has nothing to say of a dry run, but for taking the bar away", () => {
    const screen = new Screen(3, 80);
    screen.display.imageDone();
    screen.display.interrupted(false);
    expect(screen.bar).toBe("");
  });
});

describe("without a terminal", () => {
  it("a line comes every 30 seconds", () => {
    const screen = new Screen(3);
    screen.events(planned(1000 * MIB));
    for (let second = 1; second <= 65; second++) {
      screen.milliseconds = second * 1000;
      screen.display.event(progress(second * 10 * MIB, 1000 * MIB));
      screen.display.tick();
    }
    expect(screen.err.split("\n")).toEqual([
      "0/3 images  300 MiB of 1000 MiB, 10.0 MiB/s, 70 s left",
      "0/3 images  600 MiB of 1000 MiB, 10.0 MiB/s, 40 s left",
      "",
    ]);
  });

  it("it says when nothing moves, and nothing comes after the end", () => {
    const screen = new Screen(1);
    screen.events(planned(100 * MIB), progress(50 * MIB, 100 * MIB));
    screen.wait(31);
    expect(screen.err).toMatch(/^0\/1 images {2}50\.0 MiB of 100 MiB, nothing moves for \d+ s\n$/);
    screen.display.imageDone();
    screen.wait(60);
    expect(screen.err.split("\n")).toHaveLength(2);
  });

  it("a copy that is quick says nothing", () => {
    const screen = new Screen(1);
    screen.events(planned(1), progress(1, 1));
    screen.wait(29);
    expect(screen.err).toBe("");
  });
});
