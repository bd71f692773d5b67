import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "../../../src/image/digest";
import { Pax } from "tar";
import { makeImage, pushImage, writeImageArchive, writeImageLayout } from "../../support/images";
import { TAR_END, tarHeader, tarPadding, type TarEntry } from "../../support/images/tarArchive";
import { load, save } from "../../bundle/bundles";
import { failure, Fixture } from "../fixture";

jest.setTimeout(120_000);

const fixture = new Fixture();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-hostile-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Member = Partial<TarEntry> & { readonly path: string; readonly bytes?: Buffer | string };

function tar(members: readonly (Member | Buffer)[], end: Buffer = TAR_END): Buffer {
  return Buffer.concat([
    ...members.flatMap((member) => {
      if (Buffer.isBuffer(member)) return [member];
      const bytes = Buffer.from(member.bytes ?? "");
      const { bytes: _, ...entry } = member;
      return [tarHeader({ size: bytes.length, ...entry }), bytes, tarPadding(bytes.length)];
    }),
    end,
  ]);
}

const config = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64" }));
const layer = Buffer.from("a layer");
const OCI = "application/vnd.oci.image.";
const pointTo = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
const manifestOf = (...layers: object[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${OCI}manifest.v1+json`,
      config: pointTo(config, `${OCI}config.v1+json`),
      layers,
    }),
  );
const manifest = manifestOf(pointTo(layer, `${OCI}layer.v1.tar`));
const indexOf = (...manifests: object[]): Buffer =>
  Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: `${OCI}index.v1+json`, manifests }));
const named = (bytes: Buffer, name = "quay.io/team/app:1", type = "manifest") => ({
  ...pointTo(bytes, `${OCI}${type}.v1+json`),
  annotations: { "org.opencontainers.image.ref.name": name },
});
const blob = (bytes: Buffer): Member => ({ path: `blobs/sha256/${digestOf(bytes).slice(7)}`, bytes });
const MARK: Member = { path: "oci-layout", bytes: '{"imageLayoutVersion":"1.0.0"}' };
const index: Member = { path: "index.json", bytes: indexOf(named(manifest)) };
const CONTENT = [blob(config), blob(layer), blob(manifest)];
const HONEST = [MARK, index, ...CONTENT];
const without = (path: string): Member[] => HONEST.filter((one) => one.path !== path);
const pax = (fields: ConstructorParameters<typeof Pax>[0]): Buffer => new Pax(fields).encode();
/** A record of an extended header as it stands there. */
const rawPax = (record: string, type = "x"): Buffer => tar([{ path: "pax", type, bytes: record }], Buffer.alloc(0));
const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const length = [1, 2, 3, 4].map((digits) => digits + rest.length).find((n) => String(n).length + rest.length === n);
  return `${length}${rest}`;
};
const nested = (depth: number): Member[] => {
  let inner = manifest;
  const all: Member[] = [];
  for (let i = 0; i < depth; i++) {
    inner = indexOf(pointTo(inner, `${OCI}${i === 0 ? "manifest" : "index"}.v1+json`));
    all.push(blob(inner));
  }
  return [{ path: "index.json", bytes: indexOf(named(inner, "quay.io/team/app:1", "index")) }, ...all];
};

/** Loads a file, and expects that nothing of it came anywhere. */
async function refused(bytes: Buffer): Promise<string> {
  const file = join(folder, "bundle.tar");
  await writeFile(file, bytes);
  const target = await fixture.registry();
  const error = await failure(load([file], target));
  expect(error.code).toMatch(/^(?:INVALID_LAYOUT|DIGEST_MISMATCH|INVALID_MANIFEST|REGISTRY_LIMIT)$/);
  expect(error.message).toContain(file);
  expect(target.repositories().flatMap((repository) => target.tags(repository))).toEqual([]);
  expect(await readdir(folder)).toEqual(["bundle.tar"]);
  return error.message;
}

it("takes an honest archive, also one that tar has made of a folder", async () => {
  const target = await fixture.registry();
  const file = join(folder, "bundle.tar");
  for (const members of [
    HONEST,
    [
      { path: "./", type: "5" },
      { path: "./blobs/", type: "5" },
      ...HONEST.map((one) => ({ ...one, path: `./${one.path}` })),
    ],
    // What docker save puts beside it, and the extended headers of other tars.
    [
      rawPax(record("comment", "x"), "g"),
      rawPax(record("mtime", "1700000000.5")),
      ...HONEST,
      { path: "manifest.json", bytes: "[]" },
    ],
  ]) {
    await writeFile(file, tar(members));
    await load([file], target);
    expect(await target.defects("m/team/app", "1")).toEqual([]);
  }
});

const other = Buffer.from("another layer");
const bigger = manifestOf({ ...pointTo(layer, `${OCI}layer.v1.tar`), size: layer.length + 1 });

it.each<[string, Buffer, RegExp]>([
  [
    "a name with ..",
    tar([...HONEST, { path: "../../outside", bytes: "x" }]),
    /"\.\.\/\.\.\/outside" names a place outside/,
  ],
  ["a name with .. in the middle", tar([{ path: "blobs/../../outside", bytes: "x" }]), /names a place outside/],
  ["an absolute name", tar([...HONEST, { path: "/etc/passwd", bytes: "x" }]), /"\/etc\/passwd" names a place outside/],
  ["a name of Windows", tar([{ path: "blobs\\..\\x", bytes: "x" }, ...HONEST]), /backslash/],
  [
    "a link",
    tar([...HONEST, { path: "blobs/sha256/link", type: "2", link: "/etc/passwd" }]),
    /sha256\/link" is no plain file \(SymbolicLink\)/,
  ],
  [
    "a hard link",
    tar([{ path: "index.json", type: "1", link: "/etc/passwd" }]),
    /"index.json" is no plain file \(Link\)/,
  ],
  ["a device", tar([{ path: "oci-layout", type: "3" }]), /"oci-layout" is no plain file \(CharacterDevice\)/],
  ["a pipe", tar([{ path: "index.json", type: "6" }, ...HONEST]), /"index.json" is no plain file/],
  ["two members of one name", tar([...HONEST, index]), /"index.json" is there twice/],
  ["two that differ by case", tar([...HONEST, { path: "Index.json", bytes: "{}" }]), /by case alone/],
  [
    "a blob below a blob",
    tar([...HONEST, { path: `${blob(layer).path}/x`, bytes: "x" }]),
    /another entry makes a file/,
  ],
  [
    "a long name of GNU",
    tar([{ path: "././@LongLink", type: "L", bytes: "index.json" }, ...HONEST]),
    /no plain file|dot/,
  ],
  ["a sparse file", tar([{ path: "index.json", type: "S" }, ...HONEST]), /"index.json" is no plain file/],
  [
    "a path in an extended header that leads out",
    tar([pax({ path: "../x" }), { path: "x", bytes: "x" }, ...HONEST]),
    /"\.\.\/x" names a place outside/,
  ],
  ["a size in an extended header", tar([pax({ size: 512 }), index, ...CONTENT, MARK]), /tell two sizes/],
  [
    "a size in an extended header for a member of no bytes",
    tar([pax({ size: 512 }), { path: "x" }, ...HONEST]),
    /tell two sizes/,
  ],
  ["a global path", tar([rawPax(record("path", "index.json"), "g"), ...HONEST]), /sets "path"/],
  ["a global size", tar([rawPax(record("size", "9"), "g"), ...HONEST]), /sets "size"/],
  ["a link in an extended header", tar([rawPax(record("linkpath", "/etc")), ...HONEST]), /sets "linkpath"/],
  ["sparse records", tar([rawPax(record("GNU.sparse.size", "9")), ...HONEST]), /sets "GNU.sparse.size"/],
  ["a path twice", tar([rawPax(record("path", "a") + record("path", "b")), ...HONEST]), /sets "path"/],
  ["two extended headers in a row", tar([pax({ path: "a" }), pax({ path: "b" }), ...HONEST]), /two extended headers/],
  ["a record that is longer than its header", tar([rawPax("99 path=x\n"), ...HONEST]), /damaged/],
  ["a record without a length", tar([rawPax("path=x\n"), ...HONEST]), /damaged/],
  ["a large extended header", tar([rawPax(record("comment", "x".repeat(100_000))), ...HONEST]), /more than 65536/],
  [
    "a size beyond the end",
    tar([...HONEST, { path: "last", size: 1024 ** 3 }], Buffer.alloc(0)),
    /it ends within its member "last"/,
  ],
  ["no end", tar(HONEST, Buffer.alloc(0)), /before the end of the archive/],
  [
    "a broken header",
    Buffer.concat([tar(HONEST, Buffer.alloc(0)), Buffer.alloc(512, 7), TAR_END]),
    /no header of a member stands at byte/,
  ],
  ["another file", Buffer.from("PK\x03\x04".padEnd(2000, "x")), /no tar archive/],
  ["no bytes", Buffer.alloc(0), /ends after 0 bytes/],
  ["a compressed one", Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(600)]), /compressed \(gzip\)/],
  ["no mark of a layout", tar(without("oci-layout")), /has no "oci-layout"/],
  [
    "a mark of another version",
    tar([{ ...MARK, bytes: '{"imageLayoutVersion":"2.0.0"}' }, index, ...CONTENT]),
    /version 1/,
  ],
  ["a mark that is a list", tar([{ ...MARK, bytes: "[]" }, index, ...CONTENT]), /version 1/],
  ["no index", tar(without("index.json")), /has no "index.json"/],
  [
    "an index that is no JSON",
    tar([MARK, { path: "index.json", bytes: "{" }]),
    /"index.json" cannot be read: .*not JSON/,
  ],
  [
    "an index that is a manifest",
    tar([MARK, { path: "index.json", bytes: manifest }, ...CONTENT]),
    /no image index|index.json/,
  ],
  [
    "an index that is too large",
    tar([MARK, { path: "index.json", bytes: Buffer.alloc(5_000_000, " ") }]),
    /"index.json" has 5000000 bytes/,
  ],
  [
    "an index of a million entries",
    tar([MARK, { path: "index.json", bytes: `{"manifests":[${"0,".repeat(1_500_000)}0]}` }]),
    /"index.json" cannot be read/,
  ],
  [
    "an index that names a blob for a manifest",
    tar([MARK, { path: "index.json", bytes: indexOf(pointTo(layer, "text/plain")) }, ...CONTENT]),
    /no manifest but "text\/plain"/,
  ],
  [
    "one name for two images",
    tar([MARK, { path: "index.json", bytes: indexOf(named(manifest), named(bigger)) }, ...CONTENT, blob(bigger)]),
    /two images of the name "quay.io\/team\/app:1"/,
  ],
  [
    "a name that leads out of the mirror",
    tar([MARK, { path: "index.json", bytes: indexOf(named(manifest, "../../x:1")) }, ...CONTENT]),
    /no place in .*: its name is no image reference/,
  ],
  [
    "a digest that leads out",
    tar([MARK, { path: "index.json", bytes: indexOf({ ...named(manifest), digest: "sha256:../../x" }) }]),
    /no valid digest/,
  ],
  [
    "images without names",
    tar([MARK, { path: "index.json", bytes: indexOf(pointTo(manifest, `${OCI}manifest.v1+json`)) }, ...CONTENT]),
    /none of its 1 images has a name/,
  ],
  ["an index that leads to nothing", tar([MARK, { path: "index.json", bytes: indexOf() }]), /holds no image/],
  [
    "a missing manifest",
    tar([MARK, index, blob(config), blob(layer)]),
    /blobs\/sha256\/\w+" is missing, which "index.json" names/,
  ],
  ["a missing layer", tar([MARK, index, blob(config), blob(manifest)]), /is missing, which "blobs\/sha256/],
  [
    "a size of a manifest that lies",
    tar([MARK, { path: "index.json", bytes: indexOf({ ...named(manifest), size: 3 }) }, ...CONTENT]),
    /has \d+ bytes, and "index.json" says 3/,
  ],
  [
    "a size of a layer that lies",
    tar([MARK, { path: "index.json", bytes: indexOf(named(bigger)) }, blob(config), blob(layer), blob(bigger)]),
    /has 7 bytes, and .* says 8/,
  ],
  [
    "a manifest that was edited",
    tar([
      MARK,
      index,
      blob(config),
      blob(layer),
      { ...blob(manifest), bytes: manifest.toString().replace("linux", "linuX").replace("layers", "lajers") },
    ]),
    /is not what its name, a digest, says/,
  ],
  [
    "a layer that was edited",
    tar([MARK, index, blob(config), blob(manifest), { ...blob(layer), bytes: "A LAYER" }]),
    new RegExp(digestOf(layer)),
  ],
  [
    "a configuration that was edited",
    tar([
      MARK,
      index,
      blob(layer),
      blob(manifest),
      { ...blob(config), bytes: Buffer.from(config.toString().replace("linux", "LINUX")) },
    ]),
    new RegExp(digestOf(config)),
  ],
  ["indexes in indexes without end", tar([MARK, ...nested(40), ...CONTENT]), /nested in more than 8 levels/],
  [
    "another layer than the manifest has",
    tar([MARK, index, blob(config), blob(manifest), { ...blob(layer), bytes: other }]),
    /bytes, and .* says 7/,
  ],
])("refuses %s, and leaves nothing of it anywhere", async (_, bytes, message) => {
  expect(await refused(bytes)).toMatch(message);
});

it("refuses an archive that ends anywhere before its end", async () => {
  const whole = tar(HONEST);
  const content = whole.length - TAR_END.length;
  for (let end = 1; end < content; end += 211) await refused(whole.subarray(0, end));
});

it("refuses an archive of which any byte that matters is another, or loads what it was", async () => {
  const whole = tar(HONEST);
  const target = await fixture.registry();
  const file = join(folder, "edited.tar");
  for (let at = 0; at < whole.length - TAR_END.length; at += 37) {
    const edited = Buffer.from(whole);
    edited[at] = (edited[at] as number) ^ 0x15;
    await writeFile(file, edited);
    const error = await load([file], target).then(
      () => undefined,
      (failed: Error & { code?: string }) => failed,
    );
    if (error) expect([at, error.code]).toEqual([at, expect.stringMatching(/^[A-Z_]+$/)]);
    for (const repository of target.repositories())
      for (const tag of target.tags(repository)) {
        expect([at, await target.defects(repository, tag)]).toEqual([at, []]);
        expect([at, target.tag(repository, tag)]).toEqual([at, digestOf(manifest)]);
      }
  }
});

it("follows no link in a folder, and waits for no pipe", async () => {
  const images = { "quay.io/team/app:1": makeImage({ layers: [{ size: 5000, seed: "folder" }] }) };
  const layout = join(folder, "layout");
  await writeImageLayout(layout, images);
  const target = await fixture.registry();
  await load([layout], target);
  expect(await target.defects("m/team/app", "1")).toEqual([]);
  const blobs = join(layout, "blobs/sha256");
  const [first = ""] = await readdir(blobs);
  await writeFile(join(folder, "elsewhere"), await readFile(join(blobs, first)));
  await rm(join(blobs, first));
  await symlink(join(folder, "elsewhere"), join(blobs, first));
  expect((await failure(load([layout], await fixture.registry()))).message).toMatch(
    /links lead in a circle|no plain file/,
  );
  await rm(join(blobs, first));
  await mkdir(join(blobs, first));
  expect((await failure(load([layout], await fixture.registry()))).message).toMatch(/no plain file/);
});

it("names an archive that is not there, and a folder that is no layout", async () => {
  const target = await fixture.registry();
  expect(await failure(load([join(folder, "none.tar")], target))).toMatchObject({ code: "INVALID_LAYOUT" });
  expect((await failure(load([folder], target))).message).toMatch(/has no "oci-layout"/);
});

it("writes nothing where a save fails, and keeps what was there", async () => {
  const source = await fixture.registry();
  await pushImage(source, "team/app:1", makeImage({ layers: [{ size: 900_000, seed: "gone" }] }));
  const file = join(folder, "out.tar");
  await writeFile(file, "what was there");
  source.faults.add({ match: { method: "GET", path: /\/blobs\// }, action: { kind: "answer", status: 403 } });
  await failure(save(file, source, ["team/app:1"]));
  expect(await readFile(file, "utf8")).toBe("what was there");
  expect(await readdir(folder)).toEqual(["out.tar"]);
});

it("tells a truncated archive by its member", async () => {
  const file = join(folder, "cut.tar");
  await writeImageArchive(file, { "quay.io/team/app:1": makeImage({ layers: [{ size: 50_000, seed: "cut" }] }) });
  await truncate(file, 30_000);
  expect((await failure(load([file], await fixture.registry()))).message).toMatch(
    /it ends within its member "blobs\/sha256\//,
  );
});
