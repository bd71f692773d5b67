import { callIam } from "../../cloud/iam";
import { AwsError, callAws, type AwsScope, type AwsService } from "../../cloud/moto";

/** Services, as errors name them. */
const SERVICES: Readonly<Record<AwsService, string>> = { ecr: "ECR", secretsmanager: "Secrets Manager" };

/** The calls of a provider to AWS, from its account. */
export class AwsApi {
  constructor(
    private readonly url: string,
    readonly scope: AwsScope,
  ) {}

  in(region: string | undefined): AwsApi {
    return region === undefined ? this : new AwsApi(this.url, { ...this.scope, region });
  }

  /** Undefined when AWS does not have what is asked for. */
  async find<T>(operation: string, parameters: object, service: AwsService = "ecr"): Promise<T | undefined> {
    try {
      return await callAws<T>(this.url, service, operation, parameters, this.scope);
    } catch (error) {
      if (error instanceof AwsError && /NotFoundException$/.test(error.code)) return undefined;
      throw error;
    }
  }

  /** Makes a call whose failure is worded as the real provider words it. */
  async attempt<T = Record<string, unknown>>(
    doing: string,
    operation: string,
    parameters: object,
    service: AwsService = "ecr",
  ): Promise<T> {
    try {
      return await callAws<T>(this.url, service, operation, parameters, this.scope);
    } catch (error) {
      throw worded(error, doing, SERVICES[service], operation);
    }
  }

  /** Asks IAM. */
  iam<T>(ask: (url: string, scope: AwsScope) => Promise<T>): Promise<T> {
    return ask(this.url, this.scope);
  }

  /** Like {@link attempt}, for an operation of IAM. */
  async attemptIam(doing: string, operation: string, parameters: Readonly<Record<string, string>>): Promise<void> {
    try {
      await callIam(this.url, operation, parameters, this.scope);
    } catch (error) {
      throw worded(error, doing, "IAM", operation);
    }
  }
}

function worded(error: unknown, doing: string, service: string, operation: string): unknown {
  if (!(error instanceof AwsError)) return error;
  return new Error(
    `${doing}: operation error ${service}: ${operation}, https response error StatusCode: 400, ${error.code}: ${error.message}`,
    { cause: error },
  );
}
