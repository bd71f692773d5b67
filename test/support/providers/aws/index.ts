import type { Moto } from "../../cloud";
import type { ProviderDouble } from "../../engine";

/**
 * The `aws` provider double over moto. Its account is moto's own, or the one of the role that the provider assumes.
 *
 * @example
 * const moto = await startMoto();
 * const project = await createProject({ program, providers: [awsOn(moto)], config: { "aws:region": "us-east-1" } });
 */
export function awsOn(moto: Pick<Moto, "url">): ProviderDouble {
  return { folder: __dirname, env: { AWS_DOUBLE_ENDPOINT: moto.url } };
}
