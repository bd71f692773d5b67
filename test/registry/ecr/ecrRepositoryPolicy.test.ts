import { ecrRepositoryPolicy, InvalidPolicyError } from "../../../src/registry/ecr/ecrRepositoryPolicy";

const nobody = { accounts: [], organization: undefined };
const pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const made = (...args: Parameters<typeof ecrRepositoryPolicy>): unknown => JSON.parse(ecrRepositoryPolicy(...args));

describe("ecrRepositoryPolicy", () => {
  it("lets accounts and an organisation pull, and nothing else", () => {
    const pullers = { accounts: ["111111111111", "222222222222"], organization: "o-a1b2c3d4e5" };
    expect(made("mirror", "aws-cn", pullers)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "PullFromAccounts",
          Effect: "Allow",
          Principal: { AWS: ["arn:aws-cn:iam::111111111111:root", "arn:aws-cn:iam::222222222222:root"] },
          Action: pull,
        },
        {
          Sid: "PullFromOrganization",
          Effect: "Allow",
          Principal: "*",
          Action: pull,
          Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
        },
      ],
    });
  });

  it.each([[{ Sid: "Own", Effect: "Deny" }], [[{ Sid: "Own", Effect: "Deny" }]]])(
    "keeps the user's own statements and version: %j",
    (statement) => {
      const own = JSON.stringify({ Version: "2008-10-17", Id: "mine", Statement: statement });
      expect(made("mirror", "aws", { ...nobody, accounts: ["111111111111"] }, own)).toMatchObject({
        Version: "2008-10-17",
        Id: "mine",
        Statement: [{ Sid: "Own" }, { Sid: "PullFromAccounts" }],
      });
    },
  );

  it.each([
    ["{", /not JSON/],
    ["null", /no Statement/],
    ["[]", /no Statement/],
    ['{"Version":"2012-10-17"}', /no Statement/],
  ])("refuses %s", (own, reason) => {
    const make = () => ecrRepositoryPolicy("mirror", "aws", nobody, own);
    expect(make).toThrow(InvalidPolicyError);
    expect(make).toThrow(reason);
    expect(make).toThrow(/registry mirror/);
  });
});
