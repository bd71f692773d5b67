import type { FoundImage } from "../../../src/chart/find/foundImage";
import type { RequiredReplacement } from "../../../src/chart/find/requiredReplacements";
import { decide } from "../../../src/chart/solve/editDecision";
import { composeText, EditPointCatalogue, type Candidate, type EditPoint } from "../../../src/chart/solve/markers";
import { parseReference } from "../../../src/image/reference";

const replacement = (reference: string, target: string): RequiredReplacement => ({
  found: { reference } as FoundImage,
  source: parseReference(reference),
  name: reference,
  target,
  prefix: "m.io",
});

const PLACES: Record<string, [previous: string, start: number, end: number, form: Candidate["form"]]> = {
  registry: ["quay.io", 0, 7, "host"],
  whole: ["quay.io/team/images/app:1", 0, 7, "host"],
  partOfPath: ["quay.io/team", 0, 7, "host"],
  empty: ["", 0, 0, "bare"],
  absent: ["", 0, 0, "whole"],
  path: ["team/images/app", 0, 0, "prefix"],
  folder: ["team/images", 0, 0, "prefix"],
};

function pointAt(place: string, id = place): EditPoint {
  const [previous, start, end, form] = PLACES[place] as (typeof PLACES)[string];
  const catalogue = new EditPointCatalogue();
  return catalogue.pointOf({ location: { kind: "value", path: [id], previous }, start, end, form });
}

/** The texts that values become, "keep" where nothing has to change, or why there are none. */
function outcome(place: string, rendered: Record<string, [source: string, target: string]>): unknown {
  const point = pointAt(place);
  const replacements = Object.values(rendered).map(([source, target]) => replacement(source, target));
  const texts = new Map(replacements.map((one, i) => [one, Object.keys(rendered)[i] as string]));
  const { edits, conflicting, unsolved } = decide(replacements, texts, [point, { ...pointAt("empty"), id: 2 }]);
  if (conflicting.size > 0) return "conflicting";
  const [edit] = edits.values();
  return [edit ? composeText(point.location, [[point, edit]]) : "keep", unsolved.length];
}

describe("decide", () => {
  test.each<[string, string, Record<string, [string, string]>, unknown]>([
    [
      "a host becomes the mirror's",
      "registry",
      { "mk1.mk.test/a/b:1": ["quay.io/a/b:1", "m.io/p/a/b:1"] },
      ["m.io/p", 0],
    ],
    [
      "a host takes along what all its images get",
      "registry",
      { "mk1.mk.test/b:1": ["quay.io/b:1", "m.io/hub/library/b:1"] },
      ["m.io/hub/library", 0],
    ],
    [
      "a host that images want to be different is conflicting",
      "registry",
      { "mk1.mk.test/b:1": ["quay.io/b:1", "m.io/library/b:1"], "mk1.mk.test/a/c:1": ["quay.io/a/c:1", "m.io/a/c:1"] },
      "conflicting",
    ],
    [
      "the path behind a host is replaced with it where it stands in the same text",
      "whole",
      { "mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/org/app:1"] },
      ["m.io/org/app:1", 0],
    ],
    [
      "a path that stands elsewhere cannot be replaced with the host",
      "partOfPath",
      { "mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/org/app:1"] },
      "conflicting",
    ],
    ["an empty registry", "empty", { "mk1.mk.test/app:1": ["app:1", "m.io/app:1"] }, ["m.io", 0]],
    ["an absent image", "absent", { "mk1.mk.test/absent:1": ["quay.io/app:1", "m.io/app:1"] }, ["m.io/app", 0]],
    [
      "a path without host",
      "path",
      { "mk1.mk.test/team/images/app:1": ["team/images/app:1", "m.io/p/team/images/app:1"] },
      ["m.io/p/team/images/app", 0],
    ],
    [
      "a path of which a part goes",
      "path",
      { "mk1.mk.test/team/images/app:1": ["team/images/app:1", "m.io/org/app:1"] },
      ["m.io/org/app", 0],
    ],
    [
      "the rest behind a host that is right",
      "path",
      { "m.io/mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/org/app:1"] },
      ["org/app", 0],
    ],
    [
      "a rest that only loses its beginning",
      "path",
      { "m.io/org/mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/org/app:1"] },
      ["app", 0],
    ],
    [
      "a folder that becomes another one",
      "folder",
      { "m.io/mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/org/app:1"] },
      ["org", 0],
    ],
    [
      "a folder cannot go altogether: its slash would stay",
      "folder",
      { "m.io/org/mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/org/app:1"] },
      "conflicting",
    ],
    [
      "a rest that is right",
      "path",
      { "m.io/mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/team/images/app:1"] },
      ["keep", 0],
    ],
    [
      "nothing where another host stands before",
      "path",
      { "quay.io/mk1.mk.test/team/images/app:1": ["quay.io/team/images/app:1", "m.io/team/images/app:1"] },
      ["keep", 1],
    ],
    [
      "a host before an empty registry that hides a part of the path",
      "registry",
      { "mk1.mk.test/mk2.mk.test/b:1": ["quay.io/acme/b:1", "m.io/p/acme/b:1"] },
      ["m.io/p", 0],
    ],
    ["nothing where the tag is lost", "registry", { "mk1.mk.test/a": ["quay.io/a:1", "m.io/a:1"] }, "conflicting"],
  ])("%s", (_, place, rendered, expected) => expect(outcome(place, rendered)).toEqual(expected));
});
