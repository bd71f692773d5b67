import { pushImage, type SyntheticImage } from "../images";
import { memoryCluster, type MemoryClusterHandle } from "../providers/kubernetes";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../registry";
import { createProject, type Project, type ProjectOptions } from "./project";

/** What a stage has besides an empty mirror. */
export interface MirrorStageOptions {
  /** What the source has. */
  readonly images: Readonly<Record<string, SyntheticImage>>;
  /** How the two registries are played. */
  readonly source?: RegistryOptions;
  readonly mirror?: RegistryOptions;
}

/**
 * What engine tests of releases stand on, anew for each test: a registry that has images, one that they go to, a cluster
 * in memory, and projects that reach them.
 */
export class MirrorStage {
  source!: TestRegistry;
  mirror!: TestRegistry;
  cluster!: MemoryClusterHandle;
  private readonly projects: Project[] = [];

  /** Registers jest's hooks of the file that calls it. */
  constructor({ images, source, mirror }: MirrorStageOptions) {
    beforeEach(async () => {
      this.source = await startRegistry(source);
      this.mirror = await startRegistry(mirror);
      for (const [name, image] of Object.entries(images)) await pushImage(this.source, name, image);
      this.cluster = await memoryCluster();
    });
    afterEach(async () => {
      for (const project of this.projects.splice(0)) await project.dispose();
      await this.cluster.dispose();
      await this.source.close();
      await this.mirror.close();
    });
  }

  /** A project whose programs find the registries in the settings `sourceHost` and `mirrorHost`. */
  async project({ config, ...options }: ProjectOptions): Promise<Project> {
    const project = await createProject({
      providers: [this.cluster.provider],
      config: { mirrorHost: this.mirror.host, sourceHost: this.source.host, ...config },
      ...options,
    });
    this.projects.push(project);
    return project;
  }
}
