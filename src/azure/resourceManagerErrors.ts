import { MirrorError } from "../error";

/** What Azure Resource Manager said. */
export interface ArmProblem {
  /** `AuthorizationFailed` and such; empty when the answer had none. */
  readonly code: string;
  /** Without secrets, in one line. */
  readonly message: string;
}

/** Azure Resource Manager refused a request. `code` is `AZURE_REQUEST_FAILED`. */
export class AzureRequestError extends MirrorError {
  override readonly name: string = "AzureRequestError";
  constructor(
    doing: string,
    readonly status: number,
    readonly answer: ArmProblem,
    remedy = "Look the code up in Azure's documentation; the request can be repeated",
    code = "AZURE_REQUEST_FAILED",
  ) {
    super(code, `${doing} failed: Azure answered ${status}${answered(answer)}`, remedy);
  }
}

/** The login may not do this. `code` is `AZURE_PERMISSION_MISSING`. */
export class AzurePermissionError extends AzureRequestError {
  override readonly name = "AzurePermissionError";
  constructor(doing: string, status: number, answer: ArmProblem, action: string, scope: string, role: string) {
    super(
      doing,
      status,
      answer,
      `Give the provider's login the action ${action} on ${scope}; the role "${role}" has it. A new assignment takes some minutes`,
      "AZURE_PERMISSION_MISSING",
    );
  }
}

/** Resource Manager does not take the token. `code` is `AZURE_LOGIN_REFUSED`. */
export class AzureLoginError extends AzureRequestError {
  override readonly name = "AzureLoginError";
  constructor(doing: string, status: number, answer: ArmProblem) {
    super(
      doing,
      status,
      answer,
      "Log the azure-native provider in to the tenant and the cloud of the registry's subscription",
      "AZURE_LOGIN_REFUSED",
    );
  }
}

/** Resource Manager cannot be reached, or does not answer as it should. `code` is `AZURE_UNREACHABLE`. */
export function azureUnreachable(doing: string, host: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "AZURE_UNREACHABLE",
    `${doing} failed: ${host} ${reason}`,
    "Check the network, and HTTPS_PROXY and NO_PROXY",
    options,
  );
}

function answered({ code, message }: ArmProblem): string {
  const text = [code, message].filter(Boolean).join(": ");
  return text ? ` (${text})` : "";
}
