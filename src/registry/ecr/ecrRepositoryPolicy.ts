import { MirrorError } from "../../error";
import { parseJson } from "../../json";

/** Other accounts, and the organization, that a repository's policy lets pull. */
export interface EcrPullers {
  /** Account ids, of the registry's partition. */
  readonly accounts: readonly string[];
  /** Id of an organisation of AWS Organizations: `o-a1b2c3d4e5`. */
  readonly organization: string | undefined;
}

/** What a pull needs: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html */
const PULL_ACTIONS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/** A policy that is not a JSON object with statements. `code` is `INVALID_POLICY`. */
export class InvalidPolicyError extends MirrorError {
  override readonly name = "InvalidPolicyError";
  constructor(registry: string, reason: string) {
    super(
      "INVALID_POLICY",
      `repositoryPolicy of registry ${registry} cannot be used: ${reason}`,
      "Give a policy document as JSON text, such as aws.iam.getPolicyDocumentOutput(...).json",
    );
  }
}

/**
 * The policy of each repository: the user's own statements, and those that let others pull. A repository has one policy
 * only, so they share it.
 *
 * @param registry name of the registry, for errors
 * @param partition as in ARNs: `aws`
 * @param own the user's policy, as JSON text
 * @throws {InvalidPolicyError}
 */
export function ecrRepositoryPolicy(registry: string, partition: string, pullers: EcrPullers, own?: string): string {
  const document: PolicyDocument = own === undefined ? { Version: "2012-10-17" } : parsePolicy(registry, own);
  const statements = [document.Statement ?? []].flat();
  if (pullers.accounts.length > 0)
    statements.push({
      Sid: "PullFromAccounts",
      Effect: "Allow",
      Principal: { AWS: pullers.accounts.map((account) => `arn:${partition}:iam::${account}:root`) },
      Action: PULL_ACTIONS,
    });
  if (pullers.organization !== undefined)
    statements.push({
      Sid: "PullFromOrganization",
      Effect: "Allow",
      Principal: "*",
      Action: PULL_ACTIONS,
      Condition: { StringEquals: { "aws:PrincipalOrgID": pullers.organization } },
    });
  return JSON.stringify({ ...document, Statement: statements });
}

interface PolicyDocument {
  readonly Version?: string;
  readonly Statement?: object | readonly object[];
}

function parsePolicy(registry: string, text: string): PolicyDocument {
  let document: unknown;
  try {
    document = parseJson(text);
  } catch {
    throw new InvalidPolicyError(registry, "it is not JSON");
  }
  if (typeof document !== "object" || document === null || !("Statement" in document))
    throw new InvalidPolicyError(registry, "it has no Statement");
  return document as PolicyDocument;
}
