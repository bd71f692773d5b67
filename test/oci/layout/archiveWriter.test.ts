import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { archiveMembers } from "../../../src/oci/layout/archiveMembers";
import { ArchiveWriter } from "../../../src/oci/layout/archiveWriter";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-writer-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Fills an archive, and reads it back. */
async function written(fill: (writer: ArchiveWriter) => Promise<void>): Promise<Record<string, string>> {
  const path = join(folder, "a.tar");
  const file = await open(path, "wx+");
  const writer = new ArchiveWriter(file);
  await fill(writer);
  await writer.finish();
  await file.close();
  const bytes = await readFile(path);
  const members = await archiveMembers(path, bytes.length, (at, length) =>
    Promise.resolve(bytes.subarray(at, at + length)),
  );
  return Object.fromEntries(
    [...members].map(([name, { offset, size }]) => [name, bytes.toString("utf8", offset, offset + size)]),
  );
}

const text = (letter: string, size: number): string => letter.repeat(size);

async function stream(writer: ArchiveWriter, name: string, content: string): Promise<void> {
  const sink = writer.sink(writer.slot(name, content.length));
  for (let at = 0; at < content.length; at += 1000) sink.write(Buffer.from(content.slice(at, at + 1000)));
  sink.end();
  await finished(sink);
}

async function broken(writer: ArchiveWriter, size: number): Promise<void> {
  const sink = writer.sink(writer.slot("broken", size));
  sink.on("error", () => undefined);
  sink.write(Buffer.from(text("x", size / 2)));
  sink.destroy(new Error("the source broke"));
  await finished(sink).catch(() => undefined);
}

it("has each member in its place, however they came", async () => {
  const found = await written(async (writer) => {
    await writer.add("oci-layout", Buffer.from("{}"));
    await Promise.all([
      stream(writer, "blobs/a", text("a", 5000)),
      stream(writer, "blobs/b", text("b", 513)),
      stream(writer, "blobs/c", ""),
    ]);
  });
  expect(found).toEqual({ "oci-layout": "{}", "blobs/a": text("a", 5000), "blobs/b": text("b", 513), "blobs/c": "" });
});

it("leaves no trace of a member that broke: its place is taken again, or closed", async () => {
  const found = await written(async (writer) => {
    await stream(writer, "blobs/a", text("a", 700));
    await broken(writer, 4000);
    await broken(writer, 9000);
    await stream(writer, "blobs/b", text("b", 3_000_000));
    await stream(writer, "blobs/again", text("g", 4000));
    await broken(writer, 2000);
  });
  expect(Object.keys(found)).toEqual(["blobs/a", "blobs/again", "blobs/b"]);
  expect(found["blobs/b"] === text("b", 3_000_000)).toBe(true);
  expect(found["blobs/again"]).toBe(text("g", 4000));
});

it("gives a member its name afterwards, also one that needs more headers", async () => {
  const long = `blobs/sha512/${"5".repeat(128)}`;
  const found = await written(async (writer) => {
    for (const name of ["blobs/sha256/short", long]) {
      const slot = writer.slot("blobs/sha256/none", 2500);
      const sink = writer.sink(slot);
      sink.end(Buffer.from(text(name.slice(-1), 2500)));
      await finished(sink);
      await writer.rename(slot, name);
    }
  });
  expect(found).toEqual({ "blobs/sha256/short": text("t", 2500), [long]: text("5", 2500) });
});

it("refuses bytes beyond the size of a member, and an end before it", async () => {
  await written(async (writer) => {
    for (const content of ["much too long", "s"]) {
      const sink = writer.sink(writer.slot("blobs/x", 3));
      sink.end(Buffer.from(content));
      await expect(finished(sink)).rejects.toThrow(/bytes came than 3/);
    }
  });
});
