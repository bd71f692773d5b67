import { AwsError } from "../../cloud/moto";
import { attachedPolicies } from "../../cloud/iam";
import type { AwsApi } from "./awsApi";
import type { AwsResource } from "./ecrResources";

const rolePolicyAttachment: AwsResource = {
  replaceOn: ["role", "policyArn"],
  id: (_aws, { role, policyArn }) => `${role as string}/${policyArn as string}`,
  computed: [],
  create: (aws, { role, policyArn }) => change(aws, "AttachRolePolicy", role, policyArn),
  update: () => Promise.reject(new Error("every change of an attachment replaces it")),
  async read(aws, id) {
    const [role = ""] = id.split("/");
    const policyArn = id.slice(role.length + 1);
    const attached = await aws.iam((url, scope) => attachedPolicies(url, role, scope)).catch(absent);
    return attached?.includes(policyArn) ? { role, policyArn } : undefined;
  },
  delete: (aws, _id, { role, policyArn }) => change(aws, "DetachRolePolicy", role, policyArn),
};

async function change(aws: AwsApi, operation: string, role: unknown, policyArn: unknown): Promise<void> {
  await aws.attemptIam("changing IAM Role's Policies", operation, {
    RoleName: role as string,
    PolicyArn: policyArn as string,
  });
}

function absent(error: unknown): undefined {
  if (error instanceof AwsError && error.code === "NoSuchEntity") return undefined;
  throw error;
}

/** The types of IAM that are played. */
export const iamResources: Readonly<Record<string, AwsResource>> = {
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
};
