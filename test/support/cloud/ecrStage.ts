import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProject, type Project, type ProjectOptions } from "../engine";
import { pushImage, type SyntheticImage } from "../images";
import { awsOn } from "../providers/aws";
import { memoryCluster, type MemoryClusterHandle } from "../providers/kubernetes";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../registry";
import { ecrHostName, startEcr } from "./ecr";
import { startMoto, type Moto } from "./moto";
import { startNameProxy, type NameProxy } from "./nameProxy";

/** What a stage of ECR has besides an empty account. */
export interface EcrStageOptions {
  /** What quay.io has, to copy from and as upstream of pull-through cache rules. */
  readonly images: Readonly<Record<string, SyntheticImage>>;
  /** How quay.io is played. */
  readonly source?: RegistryOptions;
}

/**
 * What engine tests of ECR stand on, anew for each test: moto without anything in it, the account's registry under its
 * real name, a registry that stands for quay.io, a cluster in memory, and projects that reach them.
 */
export class EcrStage {
  readonly host = ecrHostName();
  moto!: Moto;
  ecr!: TestRegistry;
  source!: TestRegistry;
  cluster!: MemoryClusterHandle;
  private proxy!: NameProxy;
  private folder!: string;
  private readonly projects: Project[] = [];

  /** Registers jest's hooks of the file that calls it. */
  constructor(private readonly options: EcrStageOptions) {
    beforeAll(async () => {
      this.moto = await startMoto();
      this.folder = await mkdtemp(join(tmpdir(), "ecr-stage-"));
    });
    afterAll(async () => {
      await this.moto.close();
      await rm(this.folder, { recursive: true, force: true });
    });
    beforeEach(() => this.set());
    afterEach(() => this.clear());
  }

  /** A project whose programs find the source's address in the setting `sourceHost`. */
  async project(program: string, options: Partial<ProjectOptions> = {}): Promise<Project> {
    const { program: files, config, ...rest } = options;
    const project = await createProject({
      program: { "index.ts": program, ...(files as Readonly<Record<string, string>>) },
      providers: [this.cluster.provider, awsOn(this.moto)],
      config: { "aws:region": "us-east-1", sourceHost: this.source.host, ...config },
      env: { HTTPS_PROXY: this.proxy.url, NODE_EXTRA_CA_CERTS: join(this.folder, "ca.pem") },
      ...rest,
    });
    this.projects.push(project);
    return project;
  }

  /** Names of the account's repositories. */
  async repositories(): Promise<string[]> {
    const answer = await this.moto.call<{ repositories: { repositoryName: string }[] }>("ecr", "DescribeRepositories");
    return answer.repositories.map(({ repositoryName }) => repositoryName).sort();
  }

  private async set(): Promise<void> {
    const { images, source } = this.options;
    await fetch(`${this.moto.url}/moto-api/reset`, { method: "POST" });
    this.source = await startRegistry(source);
    for (const [name, image] of Object.entries(images)) await pushImage(this.source, name, image);
    this.ecr = await startEcr(this.moto, { upstreams: { "quay.io": { url: this.source.url } } });
    await writeFile(join(this.folder, "ca.pem"), this.ecr.ca ?? "");
    this.proxy = await startNameProxy({ [this.host]: this.ecr.host });
    this.cluster = await memoryCluster();
  }

  private async clear(): Promise<void> {
    for (const project of this.projects.splice(0)) await project.dispose();
    await this.cluster.dispose();
    await Promise.all([this.ecr, this.source, this.proxy].map((server) => server.close()));
  }
}
