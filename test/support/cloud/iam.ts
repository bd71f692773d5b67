import { AwsError, type AwsScope } from "./moto";

/** Calls an operation of IAM, which speaks forms and XML, at moto's endpoint. Throws {@link AwsError}. */
export async function callIam(
  url: string,
  operation: string,
  parameters: Readonly<Record<string, string>>,
  { account, region }: AwsScope,
): Promise<string> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20200101/${region}/iam/aws4_request, SignedHeaders=host, Signature=none`,
      "x-moto-account-id": account,
    },
    body: new URLSearchParams({ Action: operation, Version: "2010-05-08", ...parameters }),
  });
  const body = await answer.text();
  if (answer.ok) return body;
  throw new AwsError(textOf(body, "Code"), textOf(body, "Message"));
}

/** The ARNs of the managed policies that a role has. */
export async function attachedPolicies(url: string, role: string, scope: AwsScope): Promise<string[]> {
  const body = await callIam(url, "ListAttachedRolePolicies", { RoleName: role }, scope);
  return [...body.matchAll(/<PolicyArn>([^<]*)<\/PolicyArn>/g)].map(([, arn = ""]) => arn);
}

const textOf = (body: string, element: string): string =>
  new RegExp(`<${element}>([^<]*)</${element}>`).exec(body)?.[1] ?? "";
