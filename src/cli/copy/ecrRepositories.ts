import { createRequire } from "node:module";
import { join } from "node:path";
import { RepositoryMissingError } from "../../oci/errors/errors";
import { registryKind } from "../../oci/profiles/registryProfiles";
import { parseReference } from "../../image/reference";
import { shellCommand } from "../output/shellCommand";
import type { Streams } from "../output/streams";
import type { FailedImage } from "./copyFailures";

/** What of `@aws-sdk/client-ecr` creates repositories ({@link https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/client/ecr/}). */
export interface EcrSdk {
  readonly ECRClient: new (options: { region: string }) => {
    send(command: unknown): Promise<unknown>;
    destroy(): void;
  };
  readonly DescribeRepositoriesCommand: new (input: { registryId: string; repositoryNames: string[] }) => unknown;
  readonly CreateRepositoryCommand: new (input: { registryId: string; repositoryName: string }) => unknown;
}

/** A private registry of ECR. */
export interface EcrHost {
  readonly registryId: string;
  readonly region: string;
}

/** {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html} */
export function parseEcrHost(host: string): EcrHost | undefined {
  if (registryKind(host) !== "ecr") return undefined;
  const [, registryId = "", region = ""] = /^(\d+)\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./i.exec(host) ?? [];
  return registryId === "" ? undefined : { registryId, region };
}

/** The SDK where it is installed: beside this program, or where it is run. @throws where it cannot be loaded */
export function installedEcrSdk(folder = process.cwd()): EcrSdk | undefined {
  for (const from of [__filename, join(folder, "package.json")])
    try {
      return createRequire(from)("@aws-sdk/client-ecr") as EcrSdk;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // So does Node.js also call a module that the SDK needs itself.
      if (code !== "MODULE_NOT_FOUND" || !message.startsWith("Cannot find module '@aws-sdk/client-ecr'")) throw error;
    }
  return undefined;
}

/**
 * Creates the repositories that ECR lacks, as StackState's guide has it done before its script: ECR makes none on a push.
 * What is not created here is told by the copy itself, with the command to run.
 *
 * @param targets references in the mirror
 */
export async function createEcrRepositories(
  targets: readonly string[],
  streams: Pick<Streams, "err">,
  sdk: () => EcrSdk | undefined = installedEcrSdk,
): Promise<void> {
  for (const [host, repositories] of repositoriesByHost(targets)) {
    const ecr = parseEcrHost(host);
    if (!ecr) continue;
    try {
      const loaded = sdk();
      if (loaded) await createIn(ecr, repositories, loaded, streams);
    } catch (error) {
      const [reason = ""] = (error as Error).message.split("\n", 1);
      streams.err(`warning: repositories could not be created in ECR (${ecr.region}): ${reason}\n`);
    }
  }
}

async function createIn(
  { registryId, region }: EcrHost,
  repositories: readonly string[],
  { ECRClient, DescribeRepositoriesCommand, CreateRepositoryCommand }: EcrSdk,
  streams: Pick<Streams, "err">,
): Promise<void> {
  const client = new ECRClient({ region });
  try {
    // One after the other: ECR takes few of these requests at a time.
    for (const repositoryName of repositories)
      try {
        await client.send(new DescribeRepositoriesCommand({ registryId, repositoryNames: [repositoryName] }));
      } catch (error) {
        if (nameOf(error) !== "RepositoryNotFoundException") throw error;
        await client.send(new CreateRepositoryCommand({ registryId, repositoryName })).catch(ignoreExisting);
        streams.err(`created the repository ${repositoryName} in ECR (${region})\n`);
      }
  } finally {
    client.destroy();
  }
}

/** Another run may have been quicker. */
function ignoreExisting(error: unknown): void {
  if (nameOf(error) !== "RepositoryAlreadyExistsException") throw error;
}

const nameOf = (error: unknown): string => (error as Error | undefined)?.name ?? "";

/** The one command for each registry of ECR that creates all repositories for want of which images were not copied. */
export function createRepositoriesCommands(failed: readonly FailedImage[]): string[] {
  const targets = failed.flatMap(({ image, error }) => (error instanceof RepositoryMissingError ? [image.target] : []));
  return [...repositoriesByHost(targets)].flatMap(([host, repositories]) => {
    const ecr = parseEcrHost(host);
    if (!ecr) return [];
    const create = shellCommand("aws", [
      "ecr",
      "create-repository",
      "--registry-id",
      ecr.registryId,
      "--region",
      ecr.region,
    ]);
    return [`for repository in ${repositories.join(" ")}; do ${create} --repository-name "$repository"; done`];
  });
}

function repositoriesByHost(targets: readonly string[]): Map<string, string[]> {
  const byHost = new Map<string, string[]>();
  for (const target of targets) {
    const { registry, repository } = parseReference(target);
    const known = byHost.get(registry) ?? [];
    if (!known.includes(repository)) byHost.set(registry, [...known, repository]);
  }
  return byHost;
}
