import type * as dynamic from "@pulumi/pulumi/dynamic";
import {
  registryAction,
  type ResourceManagerAccess,
  type ResourceManagerDependencies,
} from "../../azure/resourceManager";
import { MirrorError } from "../../error";

/** What an AcrTokenPassword's provider receives and keeps. The names are part of old states: add, never rename. */
export interface AcrTokenPasswordInputs {
  tokenName: string;
  registryId: string;
  rotation?: string;
  resourceManager: ResourceManagerAccess;
  /** Absent before it is made. */
  password?: string;
  passwordName?: PasswordName;
}

/** A token has two, so that one is good while the other is made anew. */
type PasswordName = "password1" | "password2";

/**
 * The life of a token's password: made once, and anew when `rotation` changes. A login in Azure that has changed is no
 * change. It is deleted with its token.
 *
 * @see https://learn.microsoft.com/rest/api/container-registry/registries/generate-credentials
 */
export function acrTokenPasswordProvider(dependencies: ResourceManagerDependencies): dynamic.ResourceProvider {
  const make = async (inputs: AcrTokenPasswordInputs, passwordName: PasswordName): Promise<AcrTokenPasswordInputs> => {
    const { registryId, tokenName } = inputs;
    const action = {
      name: "generateCredentials",
      role: "Contributor",
      doing: `Making a password of the token ${tokenName} of ${registryId}`,
    };
    const body = { tokenId: `${registryId}/tokens/${tokenName}`, name: passwordName };
    const made = await registryAction(inputs.resourceManager, action, body, dependencies);
    return { ...inputs, password: passwordIn(made, passwordName, action.doing), passwordName };
  };

  return {
    diff(_id, olds: AcrTokenPasswordInputs, news: AcrTokenPasswordInputs) {
      const replaces = (["tokenName", "registryId"] as const).filter((key) => olds[key] !== news[key]);
      return Promise.resolve({ changes: replaces.length > 0 || olds.rotation !== news.rotation, replaces });
    },
    async create(inputs: AcrTokenPasswordInputs) {
      return { id: `${inputs.registryId}/tokens/${inputs.tokenName}`, outs: await make(inputs, "password1") };
    },
    async update(_id, olds: AcrTokenPasswordInputs, news: AcrTokenPasswordInputs) {
      return { outs: await make(news, olds.passwordName === "password1" ? "password2" : "password1") };
    },
  };
}

function passwordIn(answer: unknown, name: PasswordName, doing: string): string {
  const { passwords } = (answer ?? {}) as { passwords?: { name?: unknown; value?: unknown }[] };
  const value = passwords?.find((one) => one.name === name)?.value;
  if (typeof value === "string" && value) return value;
  throw new MirrorError(
    "AZURE_REQUEST_FAILED",
    `${doing} failed: Azure's answer has none of that name`,
    "Look at the token's passwords in the portal, and run again",
  );
}
