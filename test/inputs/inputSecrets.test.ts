import * as pulumi from "@pulumi/pulumi";
import { plainValues } from "../../src/inputs/plainValues";
import { secretTexts } from "../../src/inputs/inputSecrets";

beforeAll(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }));

const access = {
  host: "r.io",
  username: "ci",
  password: "p4ssword",
  identityToken: "1dentity",
  azureToken: { accessToken: "4ccess", tenant: "contoso" },
  clientCertificate: { cert: "certificate", key: "private-key" },
  plainHttp: true,
};
const told = ["p4ssword", "1dentity", "4ccess", "private-key"].sort();

it.each<[string, object, string[]]>([
  ["an access that is secret as a whole", pulumi.secret(access), told],
  [
    "passwords that are secrets by themselves",
    { ...access, password: pulumi.secret("p4ssword") },
    ["p4ssword", "private-key"],
  ],
  ["a user that is one", { host: "r.io", username: pulumi.secret("ci") }, ["ci"]],
  ["what the program hides of one, too", pulumi.secret({ ...access, hidden: ["username"] }), [...told, "ci"].sort()],
  ["nothing", {}, []],
])("%s", async (_, values, expected) => {
  expect(secretTexts(await plainValues(values)).sort()).toEqual(expected);
});
