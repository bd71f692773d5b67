import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SyntheticImage } from "./image";
import { describe } from "./makeImage";
import { TAR_END, tarHeader, tarPadding } from "./tarArchive";

/** Images by the full reference under which they are known, such as `127.0.0.1:5000/team/app:1.0`. */
export type NamedImages = Readonly<Record<string, SyntheticImage>>;

interface LayoutFile {
  path: string;
  size: number;
  read(): Readable | Iterable<Buffer>;
}

/** Writes an OCI layout folder ({@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md}). */
export async function writeImageLayout(folder: string, images: NamedImages): Promise<void> {
  for (const file of layoutFiles(images)) {
    await mkdir(dirname(join(folder, file.path)), { recursive: true });
    await writeFile(join(folder, file.path), file.read());
  }
}

/** Writes an OCI layout as one tar file, which `ctr images import` takes. */
export async function writeImageArchive(file: string, images: NamedImages): Promise<void> {
  await pipeline(archive(layoutFiles(images)), createWriteStream(file));
}

async function* archive(files: readonly LayoutFile[]): AsyncIterable<Buffer> {
  for (const file of files) {
    yield tarHeader(file);
    for await (const piece of file.read()) yield piece as Buffer;
    yield tarPadding(file.size);
  }
  yield TAR_END;
}

function layoutFiles(images: NamedImages): LayoutFile[] {
  const index = {
    schemaVersion: 2,
    manifests: Object.entries(images).map(([name, image]) => ({
      ...describe(image),
      annotations: {
        // The first is what containerd reads, the second what the specification names: there it is the tag.
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1),
      },
    })),
  };
  const contents = new Map<string, LayoutFile>();
  for (const image of Object.values(images)) {
    for (const { digest, bytes } of image.manifests) contents.set(digest, bytesFile(blobPath(digest), bytes));
    for (const blob of image.blobs)
      contents.set(blob.digest, { path: blobPath(blob.digest), size: blob.size, read: () => blob.read() });
  }
  return [
    bytesFile("oci-layout", Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" }))),
    ...contents.values(),
    bytesFile("index.json", Buffer.from(JSON.stringify(index))),
  ];
}

function bytesFile(path: string, bytes: Buffer): LayoutFile {
  return { path, size: bytes.length, read: () => [bytes] };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}
