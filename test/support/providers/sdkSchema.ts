import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { declaredInterface, schemaFailures, type InputSchema } from "./kubernetes/objects/schema";
import { isMap, stripSecrets, type PropertyMap } from "./protocol/propertyValue";
import type { CheckFailure } from "./protocol/resourceProvider";

/** What the engine adds to a provider's own inputs. */
const engineInputs = new Set(["version", "pluginDownloadURL", "pluginChecksums", "parameterization", "__internal"]);

/** What a generated SDK of a provider declares: which inputs its resources and functions take, structures included. */
export class SdkSchema {
  private readonly sdk: string;
  /** The version of the provider that the SDK asks for. */
  readonly providerVersion: string;

  /** @param packageName such as `@pulumi/aws`, as it is installed */
  constructor(private readonly packageName: string) {
    const manifest = require.resolve(`${packageName}/package.json`);
    this.sdk = dirname(manifest);
    this.providerVersion = (
      JSON.parse(readFileSync(manifest, "utf8")) as { pulumi: { version: string } }
    ).pulumi.version;
  }

  /** The arguments of the provider itself. */
  providerSchema(): InputSchema {
    return declaredInterface(join(this.sdk, "provider.d.ts"), "ProviderArgs");
  }

  /** What is wrong with the configuration of the provider itself, as the engine gives it. */
  configFailures(config: PropertyMap): CheckFailure[] {
    const own = Object.fromEntries(Object.entries(config).filter(([key]) => !engineInputs.has(key)));
    // Whatever is no text arrives as JSON text.
    const texts = new Map([...this.providerSchema()].map(([key, input]) => [key, { ...input, type: "any" as const }]));
    return schemaFailures(texts, own);
  }

  /**
   * What is wrong with the inputs of a resource or function.
   *
   * @param token such as `aws:ecr/repository:Repository` or `azure-native:containerregistry:Registry`
   * @throws Error when the SDK does not have it
   */
  inputFailures(token: string, inputs: PropertyMap): CheckFailure[] {
    const name = token.slice(token.lastIndexOf(":") + 1);
    const args = `${name.charAt(0).toUpperCase()}${name.slice(1)}Args`;
    const file = this.declarationOf(token);
    const takesNone = !readFileSync(file, "utf8").includes(`interface ${args} {`);
    return this.failuresIn(takesNone ? new Map() : declaredInterface(file, args), inputs, "");
  }

  /** The declaration file of a resource or function. */
  declarationOf(token: string): string {
    const [, module = "", name = ""] = token.split(":");
    const path = module.includes("/")
      ? module.replace(/^index\//, "")
      : `${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const file = join(this.sdk, path);
    if (!existsSync(`${file}.js`) || !new RegExp(`['"]${token}['"]`).test(readFileSync(`${file}.js`, "utf8")))
      throw new Error(`${this.packageName} has no ${token}`);
    return `${file}.d.ts`;
  }

  private failuresIn(schema: InputSchema, inputs: PropertyMap, at: string): CheckFailure[] {
    const failures = schemaFailures(schema, inputs, at);
    for (const [key, { structure }] of schema) {
      if (structure === undefined) continue;
      const [module = "", type = ""] = structure.split(".");
      for (const value of [stripSecrets(inputs[key] ?? null)].flat())
        if (isMap(value)) {
          const inner = declaredInterface(join(this.sdk, "types/input.d.ts"), type, `namespace ${module} {`);
          failures.push(...this.failuresIn(inner, value, `${at}${key}.`));
        }
    }
    return failures;
  }
}
