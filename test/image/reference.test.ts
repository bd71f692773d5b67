import * as fc from "fast-check";
import { MirrorError } from "../../src/error";
import { digestOf } from "../../src/image/digest";
import {
  canonicalHost,
  formatReference,
  isHostSegment,
  isRegistryHost,
  manifestName,
  parseReference,
  tryParseReference,
  withCanonicalHost,
  type ImageReference,
} from "../../src/image/reference";

const DIGEST = digestOf("x");

describe("parsing", () => {
  it.each<[string, Partial<ImageReference>]>([
    ["nginx", { registry: "docker.io", repository: "library/nginx", path: "nginx", hasHost: false }],
    ["nginx:1.27", { repository: "library/nginx", tag: "1.27" }],
    ["bitnami/redis", { registry: "docker.io", repository: "bitnami/redis", path: "bitnami/redis", hasHost: false }],
    ["docker.io/nginx", { registry: "docker.io", repository: "library/nginx", path: "nginx", hasHost: true }],
    ["docker.io/library/nginx", { repository: "library/nginx", path: "library/nginx", hasHost: true }],
    ["index.docker.io/nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["registry-1.docker.io/a/b", { registry: "docker.io", repository: "a/b" }],
    ["quay.io/a/b/c:v1", { registry: "quay.io", repository: "a/b/c", tag: "v1", hasHost: true }],
    ["localhost/a", { registry: "localhost", repository: "a" }],
    ["localhost:5000/a:1", { registry: "localhost:5000", repository: "a", tag: "1" }],
    ["r:5000/a", { registry: "r:5000", repository: "a" }],
    ["[::1]:5000/a", { registry: "[::1]:5000", repository: "a" }],
    ["UPPER/a", { registry: "UPPER", repository: "a" }],
    ["lower/a", { registry: "docker.io", repository: "lower/a" }],
    [`a@${DIGEST}`, { repository: "library/a", digest: DIGEST }],
    [`r.io/a:1@${DIGEST}`, { registry: "r.io", repository: "a", tag: "1", digest: DIGEST }],
    ["a__b/c.d-e--f", { repository: "a__b/c.d-e--f" }],
    ["a:V_1.0-x", { tag: "V_1.0-x" }],
    [`a:${"t".repeat(128)}`, { tag: "t".repeat(128) }],
    ["123/456", { repository: "123/456" }],
    ["a:5000", { repository: "library/a", tag: "5000" }],
  ])("%s", (text, expected) => expect(parseReference(text)).toMatchObject(expected));

  it("leaves out what is not there", () => {
    expect(Object.keys(parseReference("nginx")).sort()).toEqual(["hasHost", "path", "registry", "repository"]);
  });

  it.each([
    ["", "empty"],
    ["/", "empty"],
    ["a/", "empty"],
    ["a//b", "empty"],
    ["/a", "empty"],
    ["r.io/", "empty"],
    ["Nginx", "path component"],
    ["r.io/Nginx", "path component"],
    ["-a", "path component"],
    ["a-", "path component"],
    ["a..b", "path component"],
    ["a___b", "path component"],
    ["a b", "path component"],
    ["r_x.io/a", "host"],
    ["-r.io/a", "host"],
    ["r.io:port/a", "host"],
    ["http://r.io/a", "no http:// in front"],
    ["a:", "tag"],
    ["a:.1", "tag"],
    ["a:-1", "tag"],
    ["a:1:2", "tag"],
    [`a:${"t".repeat(129)}`, "tag"],
    ["a@", "digest"],
    ["a@sha256:1", "digest"],
    [`a@${DIGEST.toUpperCase()}`, "digest"],
    [`a@${DIGEST}@${DIGEST}`, "digest"],
    [`a@md5:${"0".repeat(32)}`, "digest"],
    ["a/".repeat(127) + "bc", "longer"],
    ["{{ .Values.image }}", "path component"],
  ])("refuses %j and says why: %s", (text, reason) => {
    expect(tryParseReference(text)).toBeUndefined();
    try {
      parseReference(text);
      throw new Error("it was taken");
    } catch (error) {
      expect(error).toMatchObject({ name: "InvalidReferenceError", code: "INVALID_REFERENCE", reference: text });
      expect((error as Error).message).toContain(reason);
    }
  });

  it("never fails otherwise", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9./:@_-]*$/)), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MirrorError);
        }
      }),
    );
  });
});

const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:\.|_|__|-{1,2})[a-z0-9]{1,6}){0,2}$/);
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,20}$/);
const host = fc.oneof(
  fc.constantFrom("docker.io", "localhost", "localhost:5000", "[fd00::1]:5000", "127.0.0.1:1"),
  fc.stringMatching(/^[a-z0-9]{1,5}(?:-[a-z0-9]{1,3})?\.[a-z]{2,5}(?::[1-9][0-9]{0,4})?$/),
);
const digest = fc.string().map((text) => digestOf(text));
const reference = fc.record(
  { host, components: fc.array(component, { minLength: 1, maxLength: 4 }), tag, digest },
  { requiredKeys: ["components"] },
);
type Parts = { host?: string; components: string[]; tag?: string; digest?: string };
const write = ({ host, components, tag, digest }: Parts) =>
  `${host === undefined ? "" : `${host}/`}${components.join("/")}${tag === undefined ? "" : `:${tag}`}${digest ? `@${digest}` : ""}`;

describe("properties", () => {
  it("whatever is well formed is taken apart into its parts", () => {
    fc.assert(
      fc.property(reference, (parts) => {
        // Without a host, a first component with a dot would be one: that is the grammar's ambiguity.
        fc.pre(parts.host !== undefined || parts.components.length === 1 || !isHostSegment(parts.components[0] ?? ""));
        const parsed = parseReference(write(parts));
        expect(parsed.hasHost).toBe(parts.host !== undefined);
        expect(parsed.registry).toBe(parts.host ?? "docker.io");
        expect(parsed.path).toBe(parts.components.join("/"));
        expect([parsed.tag, parsed.digest]).toEqual([parts.tag, parts.digest]);
      }),
    );
  });

  it("the canonical text reads back as itself", () => {
    fc.assert(
      fc.property(reference, (parts) => {
        const parsed = tryParseReference(write(parts));
        if (!parsed) return;
        const text = formatReference(parsed);
        expect(formatReference(parseReference(text))).toBe(text);
        expect(parseReference(text)).toMatchObject({ registry: parsed.registry, repository: parsed.repository });
      }),
    );
  });
});

it.each([
  ["nginx", "docker.io/library/nginx"],
  [`r.io/a:1@${DIGEST}`, `r.io/a:1@${DIGEST}`],
])("%s is written %s", (text, canonical) => expect(formatReference(parseReference(text))).toBe(canonical));

it.each([
  ["a", "latest"],
  ["a:1", "1"],
  [`a:1@${DIGEST}`, DIGEST],
])("the manifest of %s is asked for by %s", (text, name) => expect(manifestName(parseReference(text))).toBe(name));

it.each([
  ["localhost", true],
  ["a.b", true],
  ["a:1", true],
  ["[::1]", true],
  ["A", true],
  ["a", false],
  ["a-b", false],
])("the first segment %s is a host: %s", (segment, isHost) => expect(isHostSegment(segment)).toBe(isHost));

it.each([
  ["r.io", true],
  ["r.io:5000", true],
  ["127.0.0.1:80", true],
  ["[::1]", true],
  ["r.io/path", false],
  ["https://r.io", false],
  ["r.io:", false],
  ["r.io:65535", true],
  ["r.io:65536", false],
  ["r.io:0", false],
  ["", false],
])("%j can be a registry's host: %s", (text, can) => expect(isRegistryHost(text)).toBe(can));

/** Every way to write one registry. */
const SPELLINGS: Record<string, readonly string[]> = {
  "quay.io": ["quay.io", "QUAY.IO", "Quay.io", "quay.io:443", "quay.io.", "QUAY.IO.:0443"],
  "docker.io": [
    "docker.io",
    "DOCKER.IO",
    "index.docker.io",
    "Index.Docker.io:443",
    "registry-1.docker.io",
    "registry-1.docker.io:443",
    "registry.hub.docker.com",
    "registry.hub.docker.com.",
  ],
  "r.io:5000": ["r.io:5000", "R.io:05000", "r.io.:5000"],
  localhost: ["localhost", "LOCALHOST", "localhost:443"],
  "registry:443": ["registry:443", "Registry:443", "REGISTRY:0443"],
  "[2001:db8::1]:5000": ["[2001:db8::1]:5000", "[2001:DB8:0::0001]:5000"],
  "[::1]": ["[::1]", "[0:0:0:0:0:0:0:1]:443"],
};

describe.each(Object.entries(SPELLINGS))("the one name of %s", (name, spellings) => {
  it.each(spellings)("is that of %s", (host) => expect(canonicalHost(host)).toBe(name));

  it("is what images are known by, and names the same registry", () => {
    for (const host of spellings.filter(isRegistryHost).filter(isHostSegment))
      expect(parseReference(`${host}/shop/app:1`)).toMatchObject({
        registry: name,
        repository: "shop/app",
        hasHost: true,
      });
  });
});

it.each(["", "quay.io/path", "https://quay.io", "user@quay.io", "nexus", "UPPER"])("%j is no other registry", (text) =>
  expect(canonicalHost(text)).toBe(text),
);

it.each([
  ["QUAY.IO/shop/*", "quay.io/shop/*"],
  ["*.EXAMPLE.com:443/*", "*.example.com/*"],
  ["*", "*"],
  ["nginx:1", "nginx:1"],
  ["shop/app", "shop/app"],
])("%s with the name of its registry is %s", (text, canonical) => expect(withCanonicalHost(text)).toBe(canonical));

it("the name of a registry has no other name", () => {
  const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?$/);
  const host = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.option(fc.integer({ min: 1, max: 65_535 })))
    .map(([labels, port]) => labels.join(".") + (port === null ? "" : `:${port}`));
  fc.assert(
    fc.property(host, (text) => {
      const name = canonicalHost(text);
      expect(canonicalHost(name)).toBe(name);
      expect(isRegistryHost(name)).toBe(true);
      expect(isHostSegment(name) || name === text).toBe(true);
    }),
  );
});
