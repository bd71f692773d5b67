import * as fc from "fast-check";
import { MirrorError } from "../../../src/error";
import { parseReference } from "../../../src/image/reference";
import { Registries } from "../../../src/oci/registries";
import { ScriptedRegistry } from "../../support/registry/scriptedRegistry";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { FastClock, reach } from "../fixture";

const RUNS = Number(process.env.FUZZ_RUNS ?? 40);
const LONGEST_MS = 20_000;
const PASSWORD = "s3cr3t-of-the-user";

/** A registry, one that it may point to, and the target of copies; nobody else is to be asked. */
let registry: ScriptedRegistry;
let stranger: ScriptedRegistry;
let target: TestRegistry;
beforeAll(async () => {
  registry = await new ScriptedRegistry().listen();
  stranger = await new ScriptedRegistry().listen("127.0.0.2");
  target = await startRegistry();
});
afterAll(async () => {
  await Promise.all([registry.close(), stranger.close(), target.close()]);
});

const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "mediaType",
  "manifests",
  "layers",
  "config",
  "digest",
];
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(
    fc.constantFrom(...KEYS, "size", "schemaVersion", "tags", "token", "errors"),
    fc.jsonValue({ maxDepth: 2 }),
  ),
);
const digest = fc.constantFrom(`sha256:${"a".repeat(64)}`, "sha256:../../x", "md5:00", "__proto__", "");
const manifest = fc.record({
  schemaVersion: fc.constantFrom(1, 2, "2"),
  mediaType: fc.constantFrom(
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "x",
  ),
  manifests: fc.option(fc.array(fc.record({ mediaType: fc.string(), digest, size: fc.double() }), { maxLength: 3 })),
  layers: fc.option(fc.array(fc.record({ digest, size: fc.maxSafeInteger() }), { maxLength: 3 })),
  config: fc.option(json),
});
/** `STRANGER` and `REGISTRY` stand for their addresses, which are not known yet. */
const place = fc.constantFrom(
  "http://STRANGER/x",
  "http://STRANGER/v2/app/manifests/1",
  "http://u:p@STRANGER/x",
  "/v2/app/manifests/1",
  "/v2/",
  "//STRANGER/x",
  "http://REGISTRY/v2/x",
  "ftp://STRANGER/",
  "http://[::1",
  "javascript:alert(1)",
  "x".repeat(5000),
  "",
);
const body = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  manifest.map((value) => JSON.stringify(value)),
  fc.string({ maxLength: 200 }),
  fc.constantFrom(
    "{",
    "[".repeat(50_000),
    `{"token":"${"t".repeat(100)}"}`,
    '{"access_token":"__proto__","expires_in":1e999}',
  ),
  fc.nat({ max: 200_000 }).map((size) => " ".repeat(size)),
);
const answer = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 201, 202, 206, 301, 302, 307, 308, 400, 401, 403, 404, 405, 413, 416, 429, 500, 503, 507),
    fc.integer({ min: 200, max: 999 }),
  ),
  headers: fc.record(
    {
      location: place,
      link: place.map((to) => `<${to}>; rel="next"`),
      "www-authenticate": fc.oneof(
        fc.constantFrom("Basic", "Bearer", 'Bearer realm="', "Negotiate", 'Bearer realm="",service="x"'),
        place.map((to) => `Bearer realm="${to}",service="s",scope="repository:app:pull"`),
      ),
      "retry-after": fc.constantFrom("0", "1", "9".repeat(400), "Wed, 21 Oct 3000 07:28:00 GMT", "-1", "x"),
      "content-type": fc.constantFrom("application/json", "application/vnd.oci.image.index.v1+json", "text/html", ""),
      "docker-content-digest": digest,
      "content-range": fc.constantFrom("bytes 0-1/2", "bytes 5-1/*", "x"),
      "ratelimit-limit": fc.constantFrom("100;w=21600", "x".repeat(1000)),
    },
    { requiredKeys: [] },
  ),
  body,
  ending: fc.constantFrom<"whole" | "cut" | "torn">("whole", "whole", "whole", "whole", "cut", "torn"),
});

const image = () => parseReference(`${registry.host}/app:1`);
const works: Record<string, (registries: Registries) => Promise<unknown>> = {
  resolve: (registries) => registries.resolve(image()),
  head: (registries) => registries.head(image()),
  tags: (registries) => registries.listTags(image()),
  artifact: (registries) => registries.pullArtifact(image()),
  copy: (registries) =>
    registries.copy(image(), parseReference(`${target.host}/app:1`), { referrers: true, foreignLayers: "copy" }),
};

it(
  "whatever a registry answers, its user gets an end, an error with a name, and keeps the password",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...Object.keys(works)),
        fc.boolean(),
        async (answers, work, strangerAnswers) => {
          let next = 0;
          const asked = [registry.asked.length, stranger.asked.length];
          const script: Parameters<ScriptedRegistry["says"]>[0] = (request, response) => {
            const { status, headers, body, ending } = answers[next++ % answers.length] as (typeof answers)[number];
            const filled = Object.entries(headers).map(([name, value]) => [
              name,
              value.replace("STRANGER", `127.0.0.2:${stranger.port}`).replace("REGISTRY", registry.host),
            ]);
            if (ending === "torn") return void request.socket.end("HTTP/1.1 200 O\r\n\u0000garbage\r\n\r\n");
            response.writeHead(status, Object.fromEntries(filled) as Record<string, string>);
            if (ending === "cut") return void response.write(body.slice(0, 10), () => response.destroy());
            return void response.end(body);
          };
          registry.says(script);
          stranger.says(strangerAnswers ? script : () => "ignored");
          const registries = new Registries({
            access: [{ host: registry.host, plainHttp: true, username: "me", password: PASSWORD }, reach(target)],
            clock: new FastClock(),
            stallTimeoutMs: 1000,
            retry: { attempts: 2, maxPauseMs: 5000 },
          });
          const timer = { over: false };
          const error: unknown = await Promise.race([
            (works[work] as (typeof works)[string])(registries).then(
              () => undefined,
              (thrown: unknown) => thrown,
            ),
            new Promise((resolve) => setTimeout(resolve, LONGEST_MS).unref()).then(() => (timer.over = true)),
          ]);
          registries.close();
          expect(timer.over).toBe(false);
          if (error !== undefined) {
            expect(error).toBeInstanceOf(MirrorError);
            expect((error as MirrorError).code).toMatch(/^[A-Z_]+$/);
            expect((error as MirrorError).message).not.toContain(PASSWORD);
          }
          // It may have been asked for something, and never with a login.
          for (const { authorization } of stranger.asked.slice(asked[1])) expect(authorization).toBeUndefined();
          expect(registry.asked.length - (asked[0] as number)).toBeLessThan(2000);
          expect(Object.keys(Object.prototype)).toEqual([]);
          expect(({} as Record<string, unknown>).polluted).toBeUndefined();
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  60_000 + RUNS * 5000,
);
