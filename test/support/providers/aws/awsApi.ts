import { AwsError, callAws, type AwsScope } from "../../cloud/moto";

/** The calls of a provider to AWS, from its account. */
export class AwsApi {
  constructor(
    private readonly url: string,
    readonly scope: AwsScope,
  ) {}

  in(region: string | undefined): AwsApi {
    return region === undefined ? this : new AwsApi(this.url, { ...this.scope, region });
  }

  ecr<T = Record<string, unknown>>(operation: string, parameters: object): Promise<T> {
    return callAws<T>(this.url, "ecr", operation, parameters, this.scope);
  }

  /** Undefined when AWS does not have what is asked for. */
  async find<T>(operation: string, parameters: object): Promise<T | undefined> {
    try {
      return await this.ecr<T>(operation, parameters);
    } catch (error) {
      if (error instanceof AwsError && error.code.endsWith("NotFoundException")) return undefined;
      throw error;
    }
  }

  /** Makes a call whose failure is worded as the real provider words it. */
  async attempt<T = Record<string, unknown>>(doing: string, operation: string, parameters: object): Promise<T> {
    try {
      return await this.ecr<T>(operation, parameters);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new Error(
        `${doing}: operation error ECR: ${operation}, https response error StatusCode: 400, ${error.code}: ${error.message}`,
        { cause: error },
      );
    }
  }
}
