import * as pulumi from "@pulumi/pulumi";
import { hiddenKeys, withHiddenKeys } from "../../src/inputs/hiddenKeys";
import { mockedEngine, value } from "../support/providers/mockedEngine";

mockedEngine();

const access = { host: "r.io", username: "ci", password: pulumi.secret("p4ssword"), plainHttp: true };

it.each<[string, pulumi.Input<object>, string[] | undefined]>([
  ["a password alone", access, undefined],
  ["a user that is secret", { ...access, username: pulumi.secret("ci") }, ["username"]],
  [
    "a host and a place that are",
    { host: pulumi.secret("r.io"), location: pulumi.secret("p.io") },
    ["host", "location"],
  ],
  ["all of what is one secret", pulumi.secret({ host: "r.io", username: "ci", password: "p" }), ["host", "username"]],
])("%s", async (_, given, expected) => {
  expect(await hiddenKeys(given)).toEqual(expected);
  expect(await value(withHiddenKeys(given))).toEqual({
    ...(await value<object>(pulumi.output(given))),
    ...(expected && { hidden: expected }),
  });
});
