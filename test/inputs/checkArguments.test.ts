import * as pulumi from "@pulumi/pulumi";
import {
  anything,
  asset,
  choice,
  component,
  flag,
  list,
  map,
  number,
  object,
  plain,
  required,
  text,
  type Shape,
} from "../../src/inputs/argumentShape";
import { checkArguments, InvalidArgumentError } from "../../src/inputs/checkArguments";
import { MirrorErrors } from "../../src/error";

const fields = {
  host: required(text),
  path: text,
  keepHost: plain(flag),
  size: number,
  way: choice("Way", { Fast: "fast", Slow: "slow" }),
  namespaces: plain(list(plain(text))),
  logins: list(object<{ host: string; password?: string }>({ host: required(text), password: text })),
  labels: map(text),
  values: map(anything),
  file: asset,
  cluster: component("a cluster", (value) => (value as { isCluster?: boolean }).isCluster === true),
} satisfies Record<string, Shape>;

/** What a program gives, checked without a compiler's help. */
const check = (args: unknown, name: unknown = "web"): unknown => {
  try {
    checkArguments({ type: "Thing", name: name as string }, args as Record<keyof typeof fields, unknown>, fields);
    return undefined;
  } catch (error) {
    return error;
  }
};
const told = (args: unknown, name?: unknown): string => (check(args, name) as Error).message;

it.each<[string, object]>([
  ["the least", { host: "r.io" }],
  [
    "all",
    {
      host: "r.io",
      path: "team",
      keepHost: false,
      size: 0,
      way: "slow",
      namespaces: [],
      logins: [{ host: "q.io", password: "p" }],
      labels: { any: "text", ["__proto__"]: "own" },
      values: { list: [1], text: "x", none: null },
      file: new pulumi.asset.StringAsset("x"),
      cluster: { isCluster: true },
    },
  ],
  [
    "Outputs and promises",
    {
      host: pulumi.output("r.io"),
      size: Promise.resolve(1),
      logins: pulumi.secret([]),
      labels: { a: pulumi.output("b") },
    },
  ],
  ["more than is taken, below the top", { host: "r.io", logins: [{ host: "q.io", email: "me@x.org", id: 1 }] }],
  ["what is left out", { host: "r.io", path: undefined, keepHost: null, unheardOf: undefined }],
])("%s is taken", (_, args) => {
  expect(check(args)).toBeUndefined();
});

it.each<[string, object, string]>([
  ["missing", {}, "The argument host of Thing web is missing. Give a text"],
  ["null", { host: null }, "The argument host of Thing web is missing"],
  [
    "misspelt",
    { host: "r.io", namespace: [] },
    "The argument namespace of Thing web is none that it takes. Did you mean namespaces?",
  ],
  [
    "unlike any",
    { host: "r.io", colour: 1 },
    "The argument colour of Thing web is none that it takes. Leave it out; it takes host, path",
  ],
  [
    "inherited by name alone",
    { host: "r.io", toString: "x" },
    "The argument toString of Thing web is none that it takes",
  ],
  [
    "a text for a list",
    { host: "r.io", namespaces: "a" },
    'namespaces of Thing web is a text in place of a list. Write it as a list: namespaces: ["…"]',
  ],
  ["a text for an object", { host: "r.io", labels: "a=b" }, "labels of Thing web is a text in place of an object"],
  ["a list for an object", { host: "r.io", values: [] }, "values of Thing web is a list in place of an object"],
  [
    "a number for a text",
    { host: "r.io", path: 1.1 },
    'path of Thing web is a number in place of a text. Write it in quotes: path: "…"',
  ],
  [
    "a text for a number",
    { host: "r.io", size: "5" },
    "size of Thing web is a text in place of a number. Write a number, without quotes",
  ],
  [
    "a text for a flag",
    { host: "r.io", keepHost: "true" },
    "keepHost of Thing web is a text in place of true or false. Write true or false, without quotes",
  ],
  [
    "a near value",
    { host: "r.io", way: "fsat" },
    'way of Thing web is "fsat", which is none of Way. Did you mean "fast"?',
  ],
  [
    "no near value",
    { host: "r.io", way: "sideways" },
    'way of Thing web is "sideways", which is none of Way. Give one of "fast", "slow" (Way)',
  ],
  [
    "a name for an asset",
    { host: "r.io", file: "values.yaml" },
    'file of Thing web is a text in place of an asset. Give new pulumi.asset.FileAsset("PATH")',
  ],
  [
    "another thing for a component",
    { host: "r.io", cluster: { host: "x" } },
    "cluster of Thing web is an object in place of a cluster",
  ],
  [
    "an Output for what is known now",
    { host: "r.io", keepHost: pulumi.output(true) },
    "keepHost of Thing web is an Output or a promise, and it must be known when the program runs",
  ],
  [
    "an Output among what is known now",
    { host: "r.io", namespaces: [pulumi.output("a")] },
    "namespaces[0] of Thing web is an Output",
  ],
  [
    "in an object of a list",
    { host: "r.io", logins: [{ host: "q.io" }, { pasword: "x" }] },
    "logins[1].host of Thing web is missing",
  ],
  [
    "misspelt in an object of a list",
    { host: "r.io", logins: [{ host: "q.io", pasword: "x" }] },
    "logins[0].pasword of Thing web is none that it takes. Did you mean password?",
  ],
  [
    "nothing in a list",
    { host: "r.io", logins: [undefined] },
    "logins[0] of Thing web is missing. Give an object with host, password",
  ],
  [
    "under a key of the user's",
    { host: "r.io", labels: { "a.b/c": 1 } },
    'labels["a.b/c"] of Thing web is a number in place of a text',
  ],
])("%s is refused, with its path", (_, args, message) => {
  expect(told(args)).toContain(message);
});

it("tells all problems together", () => {
  const error = check({ pth: "x", namespaces: "a", logins: [{ pasword: "x" }] }) as MirrorErrors;
  expect(error).toBeInstanceOf(MirrorErrors);
  expect(error.message).toMatch(/^Making Thing web failed: 5 problems\n/);
  expect(error.problems.map(({ message }) => /The argument (\S+) /.exec(message)?.[1])).toEqual([
    "host",
    "namespaces",
    "logins[0].host",
    "logins[0].pasword",
    "pth",
  ]);
});

it("tells no value, since it may be a secret", () => {
  const secret = "s3cr3t-text";
  const message = told({
    host: 1,
    namespaces: secret,
    logins: [{ host: secret, passwd: secret }, secret],
    size: secret,
    keepHost: secret,
  });
  expect(message).toMatch(/6 problems/);
  expect(message).not.toContain(secret);
});

it.each<[string, unknown, unknown, string]>([
  ["nothing at all", undefined, "web", "The argument host of Thing web is missing"],
  ["a text", "r.io", "web", 'The arguments of Thing web are a text. Give an object: new Thing("web", { … })'],
  ["an Output", pulumi.output({}), "web", "The arguments of Thing web are an Output or a promise as a whole"],
  [
    "arguments in place of the name",
    undefined,
    { host: "r.io" },
    'A Thing has no name: the first argument of its constructor is an object. Write new Thing("NAME", { … })',
  ],
  ["no name", { host: "r.io" }, "", "A Thing has no name"],
])("%s is refused", (_, args, name, message) => {
  expect(told(args, name)).toContain(message);
});

it("leaves to others what they say that they take", () => {
  const takes = (argument: string): boolean => argument === "newer";
  const args = { host: "r.io", newer: 1, other: 2 } as unknown as Record<keyof typeof fields, unknown>;
  expect(() => checkArguments({ type: "Thing", name: "web", takes }, args, fields)).toThrow(InvalidArgumentError);
  expect(() => checkArguments({ type: "Thing", name: "web", takes }, args, fields)).toThrow(/argument other of/);
});

it("says where the documentation has more about it", () => {
  expect(told({ host: "r.io", keepHost: "yes" })).toMatch(
    /^The argument keepHost of Thing web .*\nSee \S+#invalid_argument$/,
  );
  expect(told({})).toMatch(/\nSee \S+#invalid_argument$/);
});
