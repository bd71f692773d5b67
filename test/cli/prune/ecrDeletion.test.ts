import { ecrDeletion, type EcrDeletionSdk } from "../../../src/cli/prune/ecrDeletion";

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const DIGEST = `sha256:${"a".repeat(64)}` as const;

/** An ECR that answers so, and notes what it is asked. */
function sdkThatAnswers(answer: object | Error): { sdk: EcrDeletionSdk; asked: unknown[] } {
  const asked: unknown[] = [];
  class Client {
    constructor(readonly options: { region: string }) {
      asked.push(options.region);
    }
    send(command: { readonly input: unknown }): Promise<unknown> {
      asked.push(command.input);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    }
    destroy(): void {
      asked.push("closed");
    }
  }
  class Command {
    constructor(readonly input: unknown) {}
  }
  return { sdk: { ECRClient: Client, BatchDeleteImageCommand: Command }, asked };
}

it("deletes by ECR's own API, with all tags", async () => {
  const { sdk, asked } = sdkThatAnswers({ imageIds: [{ imageDigest: DIGEST, imageTag: "1" }], failures: [] });
  expect(await ecrDeletion(HOST, () => sdk)?.("platform/app", DIGEST)).toBe(true);
  expect(asked).toEqual([
    "eu-west-1",
    { registryId: "123456789012", repositoryName: "platform/app", imageIds: [{ imageDigest: DIGEST }] },
    "closed",
  ]);
});

it("says what ECR does not delete, and knows what is gone", async () => {
  const failing = (failureCode: string) => {
    const { sdk } = sdkThatAnswers({ failures: [{ failureCode, failureReason: "it is needed" }] });
    return ecrDeletion(HOST, () => sdk)?.("app", DIGEST);
  };
  expect(await failing("ImageNotFound")).toBe(false);
  await expect(failing("ImageReferencedByManifestList")).rejects.toThrow(
    /app@sha256:a+ failed: ImageReferencedByManifestList it is needed/,
  );
});

it("ends its connections where ECR refuses, too", async () => {
  const { sdk, asked } = sdkThatAnswers(new Error("AccessDenied"));
  await expect(ecrDeletion(HOST, () => sdk)?.("app", DIGEST)).rejects.toThrow("AccessDenied");
  expect(asked.at(-1)).toBe("closed");
});

it("is not for other registries, and not without the SDK", () => {
  expect(ecrDeletion("registry.example.com", () => sdkThatAnswers({}).sdk)).toBeUndefined();
  expect(ecrDeletion("public.ecr.aws", () => sdkThatAnswers({}).sdk)).toBeUndefined();
  expect(ecrDeletion(HOST, () => undefined)).toBeUndefined();
});
