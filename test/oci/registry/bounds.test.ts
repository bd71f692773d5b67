import type { ServerResponse } from "node:http";
import { digestOf } from "../../../src/image/digest";
import { parseReference } from "../../../src/image/reference";
import { systemClock } from "../../../src/oci/transport/clock";
import { Registries, type RegistriesOptions } from "../../../src/oci/registries";
import { ScriptedRegistry, type Script } from "../../support/registry/scriptedRegistry";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { failure, FastClock, reach } from "../fixture";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const LINUX = { os: "linux", architecture: "amd64" };

let source: ScriptedRegistry;
let target: TestRegistry;
let registries: Registries;
beforeEach(async () => {
  [source, target] = [await new ScriptedRegistry().listen(), await startRegistry()];
  registries = client();
});
afterEach(async () => {
  registries.close();
  await Promise.all([source.close(), target.close()]);
});

function client(options: RegistriesOptions = {}): Registries {
  const access = [{ host: source.host, plainHttp: true }, reach(target)];
  return new Registries({ access, clock: new FastClock(), retry: { attempts: 1 }, ...options });
}
const app = () => parseReference(`${source.host}/app:1`);
const copy = () => registries.copy(app(), parseReference(`${target.host}/app:1`));

/** An image of its own for each name. */
function image(name: string, layers: readonly Buffer[] = [Buffer.from(`layer ${name}`)], tag?: string) {
  const config = source.hold(Buffer.from(JSON.stringify({ ...LINUX, name })), CONFIG);
  const held = layers.map((bytes) => source.hold(bytes, LAYER));
  return source.hold({ schemaVersion: 2, mediaType: MANIFEST, config, layers: held }, MANIFEST, tag);
}
const index = (manifests: readonly object[], tag?: string) =>
  source.hold({ schemaVersion: 2, mediaType: INDEX, manifests }, INDEX, tag);

describe("an index of indexes", () => {
  /** As many ways lead to the images as a level has entries, to the power of its levels. */
  const wide = (levels: number, entries: number, platform?: object): void => {
    let below: object[] = [{ ...image("x"), ...(platform && { platform }) }];
    for (let level = 0; level < levels; level++)
      below = Array.from({ length: entries }, (_, i) => ({
        ...index([...below, { ...image(`${level} ${i}`), ...(platform && { platform }) }]),
      }));
    index(below, "1");
  };

  it("is copied once, however often it names the same", async () => {
    let below: object = { ...image("x"), platform: LINUX };
    for (let level = 0; level < 4; level++) below = { ...index(Array<object>(200).fill(below), "1"), platform: LINUX };
    await copy();
    expect(target.tags("app")).toEqual(["1"]);
    expect(source.asked.filter(({ path }) => path.includes("/manifests/")).length).toBeLessThan(12);
  });

  it.each([undefined, LINUX])("is read in as many steps as it has manifests (platform: %j)", async (platform) => {
    wide(5, 12, platform);
    const { platforms } = await registries.resolve(app());
    expect(platforms.length).toBeGreaterThan(0);
    await registries.preview(app(), parseReference(`${target.host}/app:1`));
    await copy();
    expect(source.asked.filter(({ path }) => path.includes("/manifests/")).length).toBeLessThan(300);
  });

  it("is not read below its eighth level", async () => {
    let below: object = image("x");
    for (let level = 0; level < 12; level++) below = index([below], "1");
    expect(await failure(copy())).toMatchObject({
      code: "INVALID_MANIFEST",
      message: expect.stringContaining("8 levels") as string,
    });
  });

  it("has no more manifests than are taken of one image", async () => {
    const entries = Array.from({ length: 2500 }, (_, i) => ({
      mediaType: MANIFEST,
      digest: digestOf(String(i)),
      size: 1,
    }));
    index(entries, "1");
    const one = image("x");
    source.says((_, response, url) => {
      if (!url.pathname.includes("/manifests/sha256:") || url.pathname.endsWith(one.digest)) return "ignored";
      return void response.writeHead(404).end();
    });
    const error = await failure(registries.resolve(app()));
    expect(["REGISTRY_LIMIT", "INDEX_INCOMPLETE"]).toContain(error.code);
    expect(source.asked.length).toBeLessThan(2100);
  });

  it.each(["manifests", "layers"])("has no more %s than are taken of one manifest", async (field) => {
    const entries = Array<object>(10_001).fill(image("x"));
    const isIndex = field === "manifests";
    source.hold(
      { schemaVersion: 2, mediaType: isIndex ? INDEX : MANIFEST, [field]: entries },
      isIndex ? INDEX : MANIFEST,
      "1",
    );
    const error = await failure(copy());
    expect(error).toMatchObject({ code: "INVALID_MANIFEST" });
    expect(error.message).toContain("10000");
  });
});

describe("a list", () => {
  const tags = (page: (n: number) => { tags: string[]; next?: string }): void => {
    let n = 0;
    source.says((_, response) => {
      const { next, tags } = page(n++);
      const link = next === undefined ? {} : { link: `<${next}>; rel="next"` };
      response.writeHead(200, { "content-type": "application/json", ...link }).end(JSON.stringify({ tags }));
    });
  };
  const list = () => registries.listTags({ registry: source.host, repository: "app" });

  it("that points to itself is over", async () => {
    tags(() => ({ tags: ["a"], next: "/v2/app/tags/list" }));
    expect(await list()).toEqual(["a", "a"]);
  });

  it("that goes on for ever ends with its limit", async () => {
    tags((n) => ({ tags: ["a"], next: `/v2/app/tags/list?last=${n}` }));
    const error = await failure(list());
    expect(error).toMatchObject({ code: "REGISTRY_LIMIT", registry: source.host });
    expect(error.message).toContain("more than 5000 pages");
  }, 60_000);

  it("may have hundreds of thousands of tags in one answer", async () => {
    const many = Array.from({ length: 300_000 }, (_, i) => `t${i}`);
    tags(() => ({ tags: many }));
    expect(await list()).toEqual(many);
  }, 60_000);

  it("of more items than are taken ends with its limit, and is not taken for an empty one", async () => {
    const many = Array<string>(2_000_000).fill("");
    tags(() => ({ tags: many }));
    const error = await failure(list());
    expect(error).toMatchObject({ code: "REGISTRY_LIMIT" });
    expect(error.message).toContain("more than 2000000 maps, lists and scalars");
    tags((n) => ({ tags: Array<string>(1_500_000).fill("a"), next: `/v2/app/tags/list?last=${n}` }));
    expect((await failure(list())).message).toContain("more than 2000000 tags");
  }, 60_000);

  it("that is too large altogether ends with its limit", async () => {
    const large = "a".repeat(15 * 1024 * 1024);
    tags((n) => ({ tags: [large], next: `/v2/app/tags/list?last=${n}` }));
    expect((await failure(list())).message).toContain("more than 67108864 bytes");
  }, 60_000);

  it("that takes too long ends with its limit", async () => {
    const clock = new FastClock();
    registries = client({ clock });
    tags((n) => {
      void clock.sleep(3 * 60_000);
      return { tags: ["a"], next: `/v2/app/tags/list?last=${n}` };
    });
    expect((await failure(list())).message).toContain("not over after 30 minutes");
  });

  it("of referrers that goes on for ever ends with its limit", async () => {
    let n = 0;
    image("x", undefined, "1");
    source.says((_, response, url) => {
      if (!url.pathname.includes("/referrers/")) return "ignored";
      response.writeHead(200, { "content-type": INDEX, link: `<${url.pathname}?n=${n++}>; rel="next"` });
      return void response.end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }));
    });
    const warnings: string[] = [];
    await registries.copy(app(), parseReference(`${target.host}/app:1`), {
      referrers: true,
      onProgress: (event) => void ("message" in event && warnings.push(String(event.message))),
    });
    expect(n).toBeLessThan(250);
  });
});

describe("an answer that has no end", () => {
  const trickle = (response: ServerResponse): void => {
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  };
  const answers: Record<string, Script> = {
    "a manifest, a byte at a time": (request, response) => {
      response.writeHead(200, { "content-type": MANIFEST });
      if (request.method === "HEAD") response.end();
      else trickle(response);
    },
    "the body of an error, a byte at a time": (_, response) => {
      response.writeHead(500);
      trickle(response);
    },
    "a head, a byte at a time": (request, response) => {
      request.socket.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => request.socket.write("a"), 20);
      response.socket?.on("close", () => clearInterval(timer));
    },
    "interim answers": (request, response) => {
      const timer = setInterval(() => request.socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 20);
      response.socket?.on("close", () => clearInterval(timer));
    },
    "the token of a token service": (_, response, url) => {
      if (url.pathname !== "/token") {
        const challenge = `Bearer realm="http://${source.host}/token"`;
        return void response.writeHead(401, { "www-authenticate": challenge }).end();
      }
      response.writeHead(200);
      trickle(response);
    },
  };

  it.each(Object.entries(answers))("%s, is too slow", async (_, script) => {
    source.says(script);
    registries = client({ stallTimeoutMs: 400 });
    const error = await failure(registries.resolve(app()));
    expect(error).toMatchObject({ code: "TRANSFER_TOO_SLOW" });
    expect(error.message).toContain(source.host);
  });

  it("that says itself that it is too large is not waited for", async () => {
    source.says((request, response) => {
      response.writeHead(200, { "content-type": MANIFEST, "content-length": 100 * 1024 * 1024 });
      if (request.method === "HEAD") response.end();
      else response.write("{");
    });
    expect(await failure(registries.resolve(app()))).toMatchObject({ code: "REGISTRY_LIMIT" });
    expect(source.asked).toHaveLength(1);
  });

  it("a blob that is shorter than its descriptor says is corrupt, not asked for again and again", async () => {
    const layer = Buffer.alloc(1024 * 1024, "y");
    const held = source.hold(layer, LAYER);
    const config = source.hold({ ...LINUX }, CONFIG);
    source.hold({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [{ ...held, size: 1e15 }] }, MANIFEST, "1");
    source.says((request, response) => {
      if (request.headers.range === undefined) return "ignored";
      const range = `bytes ${layer.length}-${layer.length}/${layer.length}`;
      return void response.writeHead(206, { "content-range": range }).end();
    });
    registries = client({ retry: {} });
    expect(await failure(copy())).toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(source.asked.filter(({ path }) => path.endsWith(held.digest))).toHaveLength(6);
  });

  it("a blob, a little at a time, is too slow", async () => {
    const layer = Buffer.alloc(2 * 1024 * 1024, "x");
    image("x", [layer], "1");
    source.says((_, response, url) => {
      if (!url.pathname.endsWith(digestOf(layer))) return "ignored";
      response.writeHead(200, { "content-length": layer.length });
      return trickle(response);
    });
    registries = client({ stallTimeoutMs: 60 });
    expect(await failure(copy())).toMatchObject({ code: "TRANSFER_TOO_SLOW" });
    expect(target.tags("app")).toEqual([]);
  });
});

it("headers without end are an error that says so, at once", async () => {
  source.says((_, response) => void response.writeHead(200, { x: "a".repeat(300_000) }).end());
  expect(await failure(registries.head(app()))).toMatchObject({ code: "REGISTRY_LIMIT" });
  expect(source.asked).toHaveLength(1);
});

it("a machine whose date is set back waits no longer", () => {
  const date = jest.spyOn(Date, "now");
  const before = systemClock.now();
  date.mockReturnValue(0);
  expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  date.mockRestore();
});
