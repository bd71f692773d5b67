import fc from "fast-check";
import type { Json, JsonObject } from "../../../src/json";
import { contribute, withoutContributions } from "../../../src/kubernetes/contribution/contribution";
import { entriesOf, entryWithId } from "../../../src/kubernetes/contribution/entry";
import { LEDGER_ANNOTATION } from "../../../src/kubernetes/contribution/ledger";

const IDENTITY: JsonObject = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
const object = (content: JsonObject): JsonObject => ({ ...IDENTITY, ...content });
const secrets = (...names: string[]): JsonObject => ({ imagePullSecrets: names.map((name) => ({ name })) });

/** The object after a contributor wants this of it; without the ledger's annotation where `plain`. */
function after(live: JsonObject | undefined, contributor: string, wanted: JsonObject): JsonObject | undefined {
  const { object, conflicts } = contribute(live, IDENTITY, { contributor, wanted });
  expect(conflicts).toEqual([]);
  return object;
}

function plain(live: JsonObject | undefined): JsonObject | undefined {
  if (live === undefined) return undefined;
  const { annotations, ...metadata } = live.metadata as { annotations?: JsonObject };
  const { [LEDGER_ANNOTATION]: _, ...others } = annotations ?? {};
  return { ...live, metadata: { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) } };
}

describe("contribute", () => {
  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    ["a list that is not there", {}, secrets("ours"), secrets("ours")],
    ["a list of others", secrets("theirs"), secrets("ours"), secrets("theirs", "ours")],
    ["an item that is there", secrets("theirs", "ours"), secrets("ours"), secrets("theirs", "ours")],
    [
      "an item with the same name and more in it, which stays as it is",
      { secrets: [{ name: "ours", kind: "Secret" }] },
      { secrets: [{ name: "ours" }] },
      { secrets: [{ name: "ours", kind: "Secret" }] },
    ],
    [
      "texts of a list in a map",
      { spec: { sources: { hosts: ["a"] }, other: 1 } },
      { spec: { sources: { hosts: ["b", "a"], more: ["c"] } } },
      { spec: { sources: { hosts: ["a", "b"], more: ["c"] }, other: 1 } },
    ],
    [
      "a key of a map",
      { data: { theirs: "1" } },
      { data: { "r.test..5000": "PEM" } },
      { data: { theirs: "1", "r.test..5000": "PEM" } },
    ],
    ["a text that is empty", { spec: { name: "" } }, { spec: { name: "ours" } }, { spec: { name: "ours" } }],
    [
      "maps without a name in a list",
      { sets: [{ source: "a" }] },
      { sets: [{ source: "b", to: ["x"] }] },
      { sets: [{ source: "a" }, { source: "b", to: ["x"] }] },
    ],
    [
      "an item without a name whose keys are there in another order",
      { rules: [{ verbs: ["get"], on: { group: "apps", kind: "Job" } }] },
      { rules: [{ on: { kind: "Job", group: "apps" }, verbs: ["get"] }] },
      { rules: [{ verbs: ["get"], on: { group: "apps", kind: "Job" } }] },
    ],
  ])("adds to %s, a second time nothing, and takes out what it added", (_, content, wanted, expected) => {
    const before = object(content);
    const once = after(before, "us", wanted);
    expect(plain(once)).toEqual(object(expected));
    expect(after(once, "us", wanted)).toEqual(once);
    const gone = after(once, "us", {});
    // An empty text and none are the same to the API server.
    expect(gone).toEqual(JSON.stringify(before).includes('""') ? object({ spec: {} }) : before);
  });

  it("keeps what was there before, whoever else wants it", () => {
    const both = after(after(object(secrets("shared")), "a", secrets("shared")), "b", secrets("shared"));
    expect(after(after(both, "b", {}), "a", {})).toEqual(object(secrets("shared")));
  });

  it.each([
    ["a", "b"],
    ["b", "a"],
  ])("takes out what two contributors want with the last of them: %s, then %s", (first, second) => {
    const both = after(after(object({}), "a", secrets("shared", "x")), "b", secrets("shared"));
    const one = after(both, first, {});
    expect(plain(one)).toEqual(object(first === "a" ? secrets("shared") : secrets("shared", "x")));
    expect(after(one, second, {})).toEqual(object({}));
  });

  it("takes out what it no longer wants and leaves its other entries where they stand", () => {
    const once = after(object(secrets("theirs")), "us", secrets("old", "kept"));
    expect(plain(after(once, "us", secrets("kept", "new")))).toEqual(object(secrets("theirs", "kept", "new")));
  });

  it("puts an entry back that was taken out by hand", () => {
    const once = after(object(secrets("theirs")), "us", secrets("ours")) as JsonObject;
    const drifted = { ...once, ...secrets("theirs") };
    expect(plain(after(drifted, "us", secrets("ours")))).toEqual(object(secrets("theirs", "ours")));
    expect(after(drifted, "us", {})).toEqual(object(secrets("theirs")));
  });

  it("leaves what others have put into a list or map that it made", () => {
    const once = after(object({}), "us", { spec: { hosts: ["ours"] } }) as { spec: { hosts: Json[] } };
    once.spec.hosts.push("theirs");
    expect(after(once as never, "us", {})).toEqual(object({ spec: { hosts: ["theirs"] } }));
  });

  it("makes an object that is missing, and deletes it with the last entry unless others have put something in", () => {
    const made = after(undefined, "a", { data: { a: "1" } });
    const both = after(made, "b", { data: { b: "2" } });
    expect(plain(both)).toEqual(object({ data: { a: "1", b: "2" } }));
    expect(after(after(both, "a", {}), "b", {})).toBeUndefined();
    const theirs = { ...(both as JsonObject), data: { a: "1", b: "2", c: "3" } };
    expect(after(after(theirs, "b", {}), "a", {})).toEqual(object({ data: { c: "3" } }));
  });

  it("deletes no object that was there, however empty", () => {
    expect(after(after(object({}), "us", { data: { a: "1" } }), "us", {})).toEqual(object({}));
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ["another value", { data: { ca: "theirs" } }, { data: { ca: "ours" } }, "/data/ca"],
    ["a text where a list belongs", { hosts: "a" }, { hosts: ["b"] }, "/hosts/#"],
    ["a list where a map belongs", { data: [] }, { data: { a: "1" } }, "/data/"],
  ])("reports %s and leaves it", (_, content, wanted, id) => {
    const { object: left, conflicts } = contribute(object(content), IDENTITY, { contributor: "us", wanted });
    expect(conflicts.map((entry) => entry.id)).toContain(id);
    expect(plain(left)).toEqual(object(content));
  });

  it("changes a value of its own, but not one that another contributor wants as it is", () => {
    const once = after(object({}), "us", { data: { ca: "old" } });
    expect(plain(after(once, "us", { data: { ca: "new" } }))).toEqual(object({ data: { ca: "new" } }));
    const shared = after(once, "them", { data: { ca: "old" } });
    expect(contribute(shared, IDENTITY, { contributor: "us", wanted: { data: { ca: "new" } } }).conflicts).toHaveLength(
      1,
    );
  });

  it("leaves a value that somebody has changed since, and reports it when it is wanted otherwise", () => {
    const once = after(object({}), "us", { data: { ca: "ours" } }) as JsonObject;
    const theirs = { ...once, data: { ca: "theirs" } };
    expect(after(theirs, "us", {})).toEqual(object({ data: { ca: "theirs" } }));
    const { conflicts } = contribute(theirs, IDENTITY, { contributor: "us", wanted: { data: { ca: "new" } } });
    expect(conflicts).toMatchObject([{ id: "/data/ca" }]);
  });

  it("knows by its own state what it added to an object that lost its annotation", () => {
    const { object: once, added } = contribute(object(secrets("theirs")), IDENTITY, {
      contributor: "us",
      wanted: secrets("theirs", "ours"),
    });
    const lost = plain(once) as JsonObject;
    expect(Object.keys(added)).toEqual(["/imagePullSecrets/#name=ours"]);
    expect(contribute(lost, IDENTITY, { contributor: "us", wanted: {}, added }).object).toEqual(
      object(secrets("theirs")),
    );
  });

  it("holds no value in the annotation", () => {
    const once = after(object({}), "us", { data: { ca: "PEM text" } });
    expect(JSON.stringify(once?.metadata)).not.toContain("PEM text");
  });
});

describe("any contributors of any object", () => {
  const key = fc.constantFrom("a", "b", "c/d", "e#f", "g~1", "h");
  const leaf = fc.constantFrom<Json>("x", "y", 1, true);
  const item = fc.oneof(
    leaf,
    fc.record({ name: fc.constantFrom("n", "m") }),
    fc.record({ source: fc.constantFrom("s", "t") }),
  );
  const list = fc.uniqueArray(item, { selector: (value) => JSON.stringify(value), maxLength: 4 });
  // One shape for each key, so that contributors may collide in values but not in kinds.
  const content = fc.record(
    {
      list1: list,
      list2: list,
      map: fc.dictionary(key, fc.constant<Json>("same"), { maxKeys: 3 }),
      deep: fc.record(
        { list, map: fc.dictionary(key, fc.record({ list }, { requiredKeys: [] })) },
        { requiredKeys: [] },
      ),
      value: fc.constant<Json>("same"),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>;
  const contributors = ["p/dev", "p/prod", "q/dev"];

  const turns = fc.array(fc.tuple(fc.constantFrom(...contributors), content), { maxLength: 6 });
  const order = fc.shuffledSubarray(contributors, { minLength: contributors.length });

  it("have the object as it was when the last has gone, in whatever order", () => {
    fc.assert(
      fc.property(fc.option(content, { nil: undefined }), turns, order, (before, turns, order) => {
        const live = before && object(before);
        let now = live;
        for (const [contributor, wanted] of turns) now = after(now, contributor, wanted);
        for (const contributor of order) now = after(now, contributor, {});
        expect(now).toEqual(live);
      }),
    );
  });

  it("have the same entries, in whatever order they came", () => {
    fc.assert(
      fc.property(content, fc.tuple(content, content, content), order, (before, wanted, order) => {
        const all = (names: readonly string[]) =>
          names.reduce<JsonObject | undefined>(
            (live, name) => after(live, name, wanted[contributors.indexOf(name)] as JsonObject),
            object(before),
          );
        const ids = (live: JsonObject | undefined): string[] =>
          entriesOf(plain(live) as JsonObject)
            .map(({ id }) => id)
            .sort();
        expect(ids(all(order))).toEqual(ids(all(contributors)));
      }),
    );
  });

  it("see the object as if none of them were there", () => {
    fc.assert(
      fc.property(content, turns, (before, turns) => {
        const now = turns.reduce<JsonObject | undefined>(
          (live, [name, wanted]) => after(live, name, wanted),
          object(before),
        );
        expect(withoutContributions(now, IDENTITY, { contributor: "p/dev" })).toEqual(object(before));
      }),
    );
  });
});

it("an entry's id says all that is needed to take it out again", () => {
  const wanted = { "a#b/c~d": { list: ["x#y", { name: "n" }, { source: "s" }, 1, ""], map: { "": "1", "~1": true } } };
  for (const entry of entriesOf(wanted as never)) {
    const { value: _, ...said } = entryWithId(entry.id);
    const { value: __, ...expected } = entry;
    if (entry.path.includes("")) continue;
    expect(said).toEqual(expected);
  }
});
