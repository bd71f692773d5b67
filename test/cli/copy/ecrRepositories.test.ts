import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createEcrRepositories, createRepositoriesCommands, type EcrSdk } from "../../../src/cli/copy/ecrRepositories";
import { RepositoryMissingError } from "../../../src/oci/errors/errors";

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/** An ECR that has these repositories, as its SDK shows it. */
function ecr(repositories: string[], refuse: Partial<Record<"describe" | "create", string>> = {}) {
  const regions: string[] = [];
  const refusal = (name: string) => Object.assign(new Error(`${name}: no`), { name });
  class Describe {
    constructor(readonly input: { registryId: string; repositoryNames: string[] }) {}
  }
  class Create {
    constructor(readonly input: { registryId: string; repositoryName: string }) {}
  }
  const sdk: EcrSdk = {
    DescribeRepositoriesCommand: Describe,
    CreateRepositoryCommand: Create,
    ECRClient: class {
      constructor({ region }: { region: string }) {
        regions.push(region);
      }
      send(command: unknown): Promise<unknown> {
        if (command instanceof Describe) {
          if (refuse.describe) return Promise.reject(refusal(refuse.describe));
          const isThere = command.input.repositoryNames.every((name) => repositories.includes(name));
          return isThere ? Promise.resolve() : Promise.reject(refusal("RepositoryNotFoundException"));
        }
        if (refuse.create) return Promise.reject(refusal(refuse.create));
        repositories.push((command as Create).input.repositoryName);
        return Promise.resolve();
      }
      destroy(): void {}
    },
  };
  return { sdk, regions, repositories };
}

async function create(targets: string[], sdk: EcrSdk | undefined): Promise<string> {
  let told = "";
  await createEcrRepositories(targets, { err: (text) => (told += text) }, () => sdk);
  return told;
}

it("creates the repositories that ECR lacks, each once, and none elsewhere", async () => {
  const { sdk, regions, repositories } = ecr(["there"]);
  const targets = [`${HOST}/there:1`, `${HOST}/new/app:1`, `${HOST}/new/app:2`, "registry.test/other:1"];
  expect(await create(targets, sdk)).toBe("created the repository new/app in ECR (eu-west-1)\n");
  expect(repositories).toEqual(["there", "new/app"]);
  expect(regions).toEqual(["eu-west-1"]);
});

it.each([
  `${HOST}.cn`,
  "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
  "123456789012.dkr-ecr.eu-west-1.on.aws",
  "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
  "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov",
  "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
])("knows %s as one of ECR", async (host) => {
  const { sdk, repositories } = ecr([]);
  await create([`${host}/a:1`], sdk);
  expect(repositories).toEqual(["a"]);
});

it.each([`${HOST}.evil.test`, `x${HOST}`, "123456789012.dkr.ecr.eu-west-1.amazonaws.community", "public.ecr.aws"])(
  "knows that %s is none of ECR's private ones",
  async (host) => {
    const { sdk, regions } = ecr([]);
    expect(await create([`${host}/a:1`], sdk)).toBe("");
    expect(regions).toEqual([]);
    const image = { written: "a", target: `${host}/a:1` };
    expect(createRepositoriesCommands([{ image, error: new RepositoryMissingError(host, "a") }])).toEqual([]);
  },
);

it.each<[string, () => EcrSdk]>([
  [
    "cannot be loaded",
    () => {
      throw new Error("Cannot find module '@smithy/core'\nRequire stack:\n- /x");
    },
  ],
  ["is another than it should be", () => ({ ECRClient: 7 }) as never],
  ["is empty", () => ({}) as never],
])("goes on, with a warning, where the SDK %s", async (_, sdk) => {
  let told = "";
  await createEcrRepositories([`${HOST}/a:1`], { err: (text) => (told += text) }, sdk);
  expect(told).toMatch(/^warning: repositories could not be created in ECR \(eu-west-1\): [^\n]+\n$/);
});

it("goes on where another run was quicker, and warns where it may not", async () => {
  expect(await create([`${HOST}/a:1`], ecr([], { create: "RepositoryAlreadyExistsException" }).sdk)).not.toContain(
    "warning",
  );
  for (const refused of ["describe", "create"] as const)
    expect(await create([`${HOST}/a:1`], ecr([], { [refused]: "AccessDeniedException" }).sdk)).toMatch(
      /^warning: repositories could not be created in ECR \(eu-west-1\): AccessDeniedException: no\n$/,
    );
});

it("without the SDK tells the one command that creates all that were missing", async () => {
  expect(await create([`${HOST}/a:1`], undefined)).toBe("");
  const missing = (target: string) => ({
    image: { written: target, target },
    error: new RepositoryMissingError(HOST, "a"),
  });
  const other = { image: { written: "c", target: `${HOST}/c:1` }, error: new Error("else") };
  expect(
    createRepositoriesCommands([missing(`${HOST}/a:1`), missing(`${HOST}/b/x:1`), missing(`${HOST}/a:2`), other]),
  ).toEqual([
    'for repository in a b/x; do aws ecr create-repository --registry-id 123456789012 --region eu-west-1 --repository-name "$repository"; done',
  ]);
  expect(createRepositoriesCommands([missing("registry.test/a:1")])).toEqual([]);
});

it("finds the SDK where it is installed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ecr-sdk-"));
  try {
    // By Node.js itself: Jest resolves packages in its own way.
    const script = `console.log(require("./src/cli/copy/ecrRepositories").installedEcrSdk(process.argv[1])?.ECRClient)`;
    const found = async (): Promise<string> => {
      const args = ["--require", "./test/support/typescript.js", "-e", script, folder];
      return (await promisify(execFile)(process.execPath, args, { cwd: join(__dirname, "../../..") })).stdout.trim();
    };
    expect(await found()).toBe("undefined");
    const place = join(folder, "node_modules/@aws-sdk/client-ecr");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "index.js"), "module.exports = { ECRClient: 7 };");
    expect(await found()).toBe("7");
    // What it needs itself is missing: that is not as if it were not installed.
    await writeFile(join(place, "index.js"), 'require("@smithy/missing");');
    await expect(found()).rejects.toThrow(/Cannot find module '@smithy\/missing'/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
