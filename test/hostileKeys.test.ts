import fc from "fast-check";
import type { Chart } from "../src/chart/content/chart";
import { coalescedValues, enabledChart, settableValues } from "../src/chart/content/chartValues";
import { parseRepositoryIndex } from "../src/chart/source/chartRepository";
import { leafDifferences } from "../src/chart/compare/differences";
import { parseHelmYaml } from "../src/chart/content/helmYaml";
import { findImages } from "../src/chart/find/imageReferences";
import { manifestsOf, parseManifests } from "../src/chart/render/kubernetesManifest";
import { podsOf } from "../src/chart/find/pods";
import { relocateChart } from "../src/chart/relocate";
import { splitImages } from "../src/chart/find/splitImages";
import { templateMentions } from "../src/chart/content/templateMentions";
import { fillUnknowns } from "../src/chart/content/unknownValues";
import { mergeValues, setAt, valueAt, valueLeaves, withValues } from "../src/chart/content/valuePaths";
import { InvalidSetError } from "../src/cli/options/setOption";
import { applySet } from "../src/cli/options/setValues";
import { MirrorError } from "../src/error";
import { isDigest } from "../src/image/digest";
import { parseJson, type Json, type JsonObject, type JsonPath } from "../src/json";
import { contribute } from "../src/kubernetes/contribution/contribution";
import { mergePatch } from "../src/kubernetes/contribution/mergePatch";
import { mergeObject } from "../src/kubernetes/nodeConfiguration/mergeObject";
import { parseChallenges } from "../src/oci/auth/challenge";
import { dockerKeychain } from "../src/oci/auth/dockerConfig";
import { parseApiErrors } from "../src/oci/transport/failure";
import { parseManifest } from "../src/oci/manifest/manifest";
import { parseLock } from "../src/plan/lock/lockFormat";
import { overrideLeaves } from "../src/plan/overrideLeaves";
import { ownValue } from "../src/ownKeys";
import { mergeOverrides } from "../src/release/mergeOverrides";

const RUNS = Number(process.env.FUZZ_RUNS ?? 100);
const HOSTILE = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "__lookupGetter__"];

/** What all objects of the process share, and what a test must not change. */
const PROTOTYPES = [
  ...[Object, Array, Function, String, Number].map(({ prototype }): object => prototype),
  // In Jest, what Node.js itself makes has prototypes of its own.
  ...[structuredClone({}), structuredClone([])].map((made): object => Object.getPrototypeOf(made) as object),
];
const shared = (): unknown =>
  PROTOTYPES.map((prototype) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([name, { value }]) => [name, String(value)]),
  );
const before = shared();
afterEach(() => {
  const after = shared();
  // So that one failure is not that of all tests behind it.
  for (const prototype of PROTOTYPES)
    for (const name of Object.keys(prototype)) Reflect.deleteProperty(prototype, name);
  expect(after).toEqual(before);
});

const parsed = (text: string): JsonObject => parseJson(text) as JsonObject;
const at = (key: string, value: Json): JsonObject => Object.fromEntries([[key, value]]);
const text = (value: unknown): string => JSON.stringify(value);
const set = async (values: JsonObject, argument: string): Promise<JsonObject> =>
  (await applySet({ values, integers: [] }, "--set", argument, () => Promise.reject(new Error("no files here"))))
    .values;

describe.each(HOSTILE)("the key %s", (key) => {
  const inner = { plainHttp: true };

  it("is a key of YAML, JSON and --set like any other", async () => {
    expect(text(parseHelmYaml(`${key}: { plainHttp: true }`))).toBe(text(at(key, inner)));
    expect(text(parseHelmYaml(`base: &b { ${key}: 1 }\nall: { <<: *b, c: 2 }`))).toContain(`"all":{"${key}":1,"c":2}`);
    expect(text(await set({}, `${key}.plainHttp=true`))).toBe(text(at(key, inner)));
    expect(text(await set({}, `a[0].${key}.b[1]=x`))).toBe(text({ a: [at(key, { b: [null, "x"] })] }));
  });

  it("is walked and set in values like any other", () => {
    expect(valueAt({}, [key, "plainHttp"])).toBeUndefined();
    expect(valueAt({ a: ["b"] }, ["a", key])).toBeUndefined();
    const values: JsonObject = {};
    setAt(values, [key, "plainHttp"], true);
    expect(text(values)).toBe(text(at(key, inner)));
    expect(valueAt(values, [key, "plainHttp"])).toBe(true);
    expect([...valueLeaves(at(key, "x"))]).toEqual([{ path: [key], value: "x" }]);
    expect(templateMentions([{ scope: [], text: `{{ .Values.${key}.plainHttp }}` }])).toEqual([[key, "plainHttp"]]);
  });

  it("is set by the solver, unless Pulumi would lose it", () => {
    const set = withValues({}, {}, [[[key, "plainHttp"], true]]);
    expect(text(set)).toBe(key === "__proto__" ? "{}" : text(at(key, inner)));
    expect(text(withValues(at(key, { b: 1 }), {}, [[["a"], 2]]))).toBe(text({ ...at(key, { b: 1 }), a: 2 }));
  });

  it("is merged like any other", () => {
    const [one, two, both] = [at(key, { a: 1 }), at(key, { x: 2 }), at(key, { a: 1, x: 2 })];
    expect(text(mergeValues(one, two))).toBe(text(both));
    expect(text(mergeValues({}, two))).toBe(text(two));
    expect(text(mergeObject(one, two))).toBe(text(both));
    expect(text(mergePatch(one, both))).toBe(text(two));
    expect(text(mergePatch({}, two))).toBe(text(two));
    expect(text(mergePatch(two, {}))).toBe(text(at(key, null)));
    expect(text(mergeOverrides(one, one, both))).toBe(text(both));
    expect(text(mergeOverrides({}, {}, two))).toBe(text(two));
    expect(text(fillUnknowns(at(key, null), [[key]], at(key, 3)))).toBe(text(at(key, 3)));
    expect(overrideLeaves({ path: ["a"], previous: {}, value: at(key, 1), reason: "" })).toHaveLength(1);
    expect(leafDifferences(one, {})).toHaveLength(1);
    expect(leafDifferences({}, at(key, 1))).toEqual([{ object: 0, path: [key], before: undefined, after: 1 }]);
  });

  it("is a value, a sub-chart, a tag and a condition of a chart like any other", () => {
    const chart = (name: string, values: JsonObject, subcharts: Chart[], path: JsonPath = []): Chart => ({
      metadata: { apiVersion: "v2", name, version: "1.0.0", dependencies: [] },
      valuesPath: path,
      values,
      files: [],
      subcharts,
    });
    const made = chart("app", at("a", at(key, 1)), [chart(key, { x: 1, global: at(key, 2) }, [], [key])]);
    expect(text(coalescedValues(made, at("a", at(key, 5))))).toContain(`"a":{"${key}":5}`);
    expect(ownValue(coalescedValues(made, {}), key)).toMatchObject({ x: 1 });
    expect(text(settableValues(made, {}))).toContain(`"global":{"${key}":2}`);
    const dependency = { name: key, version: "1", condition: `${key}.${key}`, tags: [key], importValues: [] };
    const whole = { ...made, metadata: { ...made.metadata, dependencies: [dependency] } };
    expect(enabledChart(whole, {}).subcharts).toHaveLength(1);
    expect(enabledChart(whole, { tags: at(key, false) }).subcharts).toHaveLength(0);
  });

  it("is read in manifests like any other", () => {
    const pod = `kind: Pod\nmetadata: { name: ${key}, ${key}: {} }\nspec:\n  ${key}: { image: quay.io/a/b:1 }\n  containers: [{ name: c, image: "quay.io/a/c:1", ${key}: 1 }]\n`;
    const found = findImages(parseManifests(pod), { values: at(key, { image: "quay.io/a/b:1" }) });
    expect(found.map(({ reference }) => reference)).toEqual(expect.arrayContaining(["quay.io/a/b:1", "quay.io/a/c:1"]));
    expect(podsOf(parseManifests(pod))).toHaveLength(1);
    expect(splitImages({ [`${key}`]: "a", repository: "quay.io/a/b", tag: "1" })).toHaveLength(1);
    const args = [`--${key}=x`, `--${key}-image-repository=quay.io/a/d`, `--${key}-image-tag=1`];
    expect(() => findImages(manifestsOf([{ kind: "Pod", args }]), { values: {} })).not.toThrow();
  });

  it("is read in what registries, files and clusters say like any other", async () => {
    expect(parseApiErrors(Buffer.from(text({ errors: [at(key, 1), { code: key }] })), (said) => said).codes).toEqual([
      key,
    ]);
    expect(parseApiErrors(Buffer.from(text(at(key, { errors: [{ code: "X" }] }))), (said) => said).codes).toEqual([]);
    expect(() => parseManifest(Buffer.from(text(at(key, { schemaVersion: 2 }))), undefined, "a")).toThrow(MirrorError);
    const [challenge] = parseChallenges(`Bearer ${key}="x", realm="https://r.test"`);
    expect(text(challenge?.parameters)).toBe(text({ ...at(key.toLowerCase(), "x"), realm: "https://r.test" }));
    expect(isDigest(`${key}:abc`)).toBe(false);
    const config = { auths: at(key, { auth: "dTpw" }), credHelpers: at(key, "h"), ...at(key, { credsStore: "evil" }) };
    const keychain = dockerKeychain({
      environment: { DOCKER_AUTH_CONFIG: text(config) },
      readFile: () => Promise.resolve(undefined),
      askHelper: (name) => Promise.reject(new Error(name)),
    });
    expect(await keychain.credentialsFor("r.test", "a")).toBeUndefined();
    expect(() => parseLock(`${key}: { lockVersion: 1 }`, "lock", "renew")).toThrow(MirrorError);
    expect(
      parseRepositoryIndex(text({ apiVersion: "v1", entries: at(key, [{ version: "1.0.0", urls: ["a.tgz"] }]) })).get(
        key,
      ),
    ).toHaveLength(1);
    const { object } = contribute(at(key, { a: 1 }), {}, { contributor: key, wanted: at(key, { x: "1" }) });
    expect(text(ownValue(object, key))).toBe(text({ a: 1, x: "1" }));
    expect(contribute(object, {}, { contributor: key, wanted: {} }).object).toMatchObject({});
  });
});

it("sets nothing by a key below a list", () => {
  expect(withValues({ hosts: ["a"] }, {}, [[["hosts", "length"], "x"]])).toEqual({ hosts: ["a"] });
});

const key = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.constantFrom("image", "a", "plainHttp", "global", "registry", "0"),
);
const leaf = fc.oneof(
  fc.constantFrom<Json>(null, true, 1, "", "x", "quay.io/team/app:1", "docker.io/library/nginx:1.27", "polluted"),
);
const { object: hostileObject, value: hostileValue } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  object: fc
    .array(fc.tuple(key, tie("value")), { maxLength: 4 })
    // Entries make own properties; an assignment would not.
    .map((entries) => Object.fromEntries(entries)),
  value: fc.oneof({ depthSize: "small" }, leaf, tie("object"), fc.array(tie("value"), { maxLength: 3 })),
}));
const path = fc.array(fc.oneof(key, fc.nat(2)), { minLength: 1, maxLength: 4 });

it("values with such keys anywhere are merged, walked and set, and nothing else is", () => {
  fc.assert(
    fc.property(hostileObject, hostileObject, path, hostileValue, (one, two, place, value) => {
      expect(parsed(text(one))).toEqual(one);
      mergeValues(one, two);
      mergeObject(one, two);
      mergePatch(one, two);
      mergeOverrides(one, one, two);
      leafDifferences(one, two);
      withValues(one, two, [[place, value]]);
      setAt(structuredClone(one), place, value);
      valueAt(one, place);
      expect(text(mergeValues({}, one))).toBe(text(one));
      expect(leafDifferences(one, structuredClone(one))).toEqual([]);
      expect(shared()).toEqual(before);
    }),
    { numRuns: RUNS },
  );
});

it("--set arguments of any path set a value or are refused", async () => {
  const piece = fc.oneof(
    key,
    fc.nat(3).map((n) => `[${n}]`),
  );
  await fc.assert(
    fc.asyncProperty(hostileObject, fc.array(piece, { minLength: 1, maxLength: 5 }), async (values, pieces) => {
      const argument = `${pieces.join(".").replaceAll(".[", "[")}=x`;
      try {
        await set(values, argument);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidSetError);
      }
      expect(shared()).toEqual(before);
    }),
    { numRuns: RUNS },
  );
});

it("charts whose values, templates and manifests have such keys are planned, or refused by an error of our own", async () => {
  const names = fc.array(key, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(
      hostileObject,
      hostileObject,
      fc.array(names, { maxLength: 3 }),
      hostileObject,
      async (...made) => {
        const [own, user, mentions, labels] = made;
        const template = mentions.map((name) => `image: {{ .Values.${name.join(".")} }}`).join("\n");
        const chart: Chart = {
          metadata: { apiVersion: "v2", name: "app", version: "1.0.0", dependencies: [] },
          valuesPath: [],
          values: own,
          files: [{ path: "templates/a.yaml", location: "templates/a.yaml", text: template }],
          subcharts: [],
        };
        const render = (values: JsonObject) => {
          const all = coalescedValues(chart, values);
          const containers = mentions.map((name, i) => {
            const value = valueAt(all, name);
            return { name: `c${i}`, image: typeof value === "string" && value ? value : "quay.io/team/literal:1" };
          });
          const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", labels }, spec: { containers } };
          return Promise.resolve(manifestsOf([pod]));
        };
        try {
          const plan = await relocateChart({
            chart,
            values: user,
            render,
            mirror: { host: "m.test", path: "p" },
            layout: {},
            pullSecret: "s",
          });
          expect(plan.overrides.filter((override) => override.path.includes("__proto__"))).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(MirrorError);
        }
        expect(shared()).toEqual(before);
      },
    ),
    { numRuns: RUNS },
  );
}, 120_000);
