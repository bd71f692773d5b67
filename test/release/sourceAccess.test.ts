import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { readSourceAccess } from "../../src/release/sourceAccess";

beforeAll(() =>
  pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) }, "p", "s", true),
);

test.each(["quay.io", "docker.io", "localhost:5000", "[::1]:5000", "registry.example.com:8083"])("%s", async (host) => {
  expect(await readSourceAccess([{ host, username: "reader", password: "p" }], [])).toEqual({
    access: [{ host, username: "reader", password: "p" }],
    notYet: new Set(),
  });
});

test.each([
  ["https://quay.io", "it has a scheme"],
  ["quay.io/team", "it has a path in it"],
  ["not a host", "it is not a host name with an optional port"],
  ["", "it is not a host name with an optional port"],
  [undefined, "each entry is for one host"],
])("%j is refused: %s", async (host, why) => {
  await expect(readSourceAccess([{ host } as { host: string }], [])).rejects.toMatchObject({
    code: "INVALID_REGISTRY",
    message: expect.stringContaining(why) as string,
  });
});

test("layouts stand for every host", async () => {
  const access = [{ host: "*", layouts: ["bundle.tar"] }];
  expect(await readSourceAccess(access, [])).toEqual({ access, notYet: new Set() });
});

test.each([{}, { layouts: [] }])("a login stands for no host that is not named: %j", async (rest) => {
  await expect(readSourceAccess([{ host: "*", username: "reader", password: "p", ...rest }], [])).rejects.toMatchObject(
    { code: "INVALID_REGISTRY" },
  );
});

test("all hosts that are none are told together, and no login in them", async () => {
  const broken = await readSourceAccess([{ host: "robot:s3cret@r.io" }, { host: "https://quay.io" }], []).catch(
    (error: unknown) => error,
  );
  const text = inspect(broken, { depth: 9 });
  expect(text).toContain('"***@r.io": it holds a login');
  expect(text).toContain('"https://quay.io": it has a scheme');
  expect(text).not.toContain("s3cret");
});

test("secrets are noted", async () => {
  const secrets: string[] = [];
  await readSourceAccess([{ host: "r.io", username: "u", password: pulumi.secret("s3cret") }], secrets);
  expect(secrets).toEqual(["s3cret"]);
});
