import { apiServerReason } from "../../src/cluster/apiServerReason";

/** What a Secret would hold, which nothing may tell. */
const SECRET = "c2VjcmV0";

it.each([
  [
    "the message of a status",
    { code: 403, body: JSON.stringify({ message: "not allowed", data: SECRET }) },
    "403 not allowed",
  ],
  ["the message of a status that was read already", { code: 404, body: { message: "not found" } }, "404 not found"],
  ["the code alone of what is no status", { code: 502, body: `<html>${SECRET}` }, "502"],
  ["the code alone of a message that is no text", { code: 500, body: { message: [SECRET] } }, "500"],
  ["the code alone where there was no body", { code: 401 }, "401"],
  [
    "why it could not be asked",
    Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
    "connect ECONNREFUSED",
  ],
  ["what was thrown in place of an error", "cancelled", "cancelled"],
  [
    "no header of the request that is repeated",
    { code: 401, body: { message: `no user has "Bearer ${SECRET}.abc-_~+/=="` } },
    '401 no user has "Bearer ***"',
  ],
  ["no login of a proxy", new Error(`refused Basic ${SECRET}== there`), "refused Basic *** there"],
  [
    "no token that no header may have",
    new TypeError(`Bearer ${SECRET}\n${SECRET} is not a legal HTTP header value`),
    "a token or a name of its kubeconfig's user holds a line break or another character that no header of HTTP may have",
  ],
])("tells %s", (_, error, reason) => {
  expect(apiServerReason(error)).toBe(reason);
});
