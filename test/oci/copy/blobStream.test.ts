import { PassThrough, Readable, Writable } from "node:stream";
import { BlobStream, SourceCutError } from "../../../src/oci/copy/blobStream";
import { digestOf } from "../../../src/image/digest";

const bytes = Buffer.from("a blob");
const blob = { digest: digestOf(bytes), size: bytes.length, mediaType: "application/octet-stream" };
const stream = () => new BlobStream(blob, { holdBack: false, stallTimeoutMs: 60_000, onBytes: () => undefined });
const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const unanswered = new Promise<never>(() => undefined);

it("moves a blob and tells its digest", async () => {
  const moving = stream();
  await moving.pump(Readable.from([bytes]), 0, sink(), unanswered);
  expect(moving.digest()).toBe(blob.digest);
});

it.each<[string, (body: PassThrough) => void]>([
  ["without a word", (body) => void body.destroy()],
  ["with an error", (body) => void body.on("error", () => undefined).destroy(new Error("reset"))],
])("hears at once of a source that broke before it was listened to, %s", async (_, end) => {
  const body = new PassThrough();
  end(body);
  await new Promise((resolve) => body.once("close", resolve));
  await expect(stream().pump(body, 0, sink(), unanswered)).rejects.toThrow(SourceCutError);
});
