import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProject, type Project, type ProjectOptions } from "../engine";
import { pushImage, type SyntheticImage } from "../images";
import { realClusters } from "../providers/kubernetes";
import { certificateAuthority, startRegistry, type IssuedCertificate, type RegistryOptions } from "../registry";
import type { Cluster } from "./cluster";
import { serveRegistry } from "./serveRegistry";
import { startCluster, type ClusterOptions } from "./startCluster";

const START_MS = 20 * 60_000;
const STOP_MS = 5 * 60_000;

/**
 * What cluster tests stand on, once for a file: a cluster whose nodes trust one certificate, registries inside it, and a
 * project that runs inside it too.
 */
export class ClusterStage {
  /** A folder for the file's tests. */
  scratch!: string;
  /** That of `host`. */
  certificate!: IssuedCertificate;
  cluster!: Cluster;
  project!: Project;

  /**
   * Registers jest's hooks of the file that calls it.
   *
   * @param host a name that leads to the node
   * @param set serves registries and makes the project, once the cluster is there
   * @param options of the cluster, besides its own
   */
  constructor(
    host: string,
    set: (stage: ClusterStage) => Promise<void>,
    options: Pick<ClusterOptions, "apiServerFlags"> = {},
  ) {
    beforeAll(async () => {
      this.scratch = mkdtempSync(join(tmpdir(), "cluster-stage-"));
      this.certificate = await (await certificateAuthority()).issue([host]);
      this.cluster = await startCluster({
        hosts: [host],
        certificateAuthorities: [this.certificate.ca],
        log: () => undefined,
        ...options,
      });
      await set(this);
    }, START_MS);
    afterAll(async () => {
      await this.project?.dispose();
      await this.cluster?.stop();
      rmSync(this.scratch, { recursive: true });
    }, STOP_MS);
  }

  /** Starts a registry inside, which keeps its images in `scratch/NAME`. */
  async serve(
    name: string,
    options: RegistryOptions,
    images: Readonly<Record<string, SyntheticImage>> = {},
  ): Promise<void> {
    if (Object.keys(images).length > 0) {
      const filled = await startRegistry({ storage: { folder: join(this.scratch, name) } });
      for (const [reference, image] of Object.entries(images)) await pushImage(filled, reference, image);
      await filled.close();
    }
    await serveRegistry(this.cluster, this.scratch, name, options);
  }

  /** Makes the project; its programs find the cluster in the setting `kubeconfig`, and the certificate's authority in `ca`. */
  async createProject({ config, providers = [], ...options }: ProjectOptions): Promise<void> {
    this.project = await createProject({
      ...options,
      config: {
        kubeconfig: { secret: readFileSync(this.cluster.kubeconfig, "utf8") },
        ca: this.certificate.ca,
        ...config,
      },
      providers: [await realClusters(), ...providers],
      enter: (command, args, cwd) => this.cluster.enter(command, args, cwd),
    });
  }

  /** Writes what kubectl reads from a file. */
  write(name: string, object: object): string {
    const file = join(this.scratch, `${name}.json`);
    writeFileSync(file, JSON.stringify(object));
    return file;
  }
}
