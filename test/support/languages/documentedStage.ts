import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNameProxy, type NameProxy } from "../cloud";
import { webChart } from "../charts/webChart";
import type { Project, ProjectOptions } from "../engine";
import { MirrorStage } from "../engine/mirrorStage";
import { checkout } from "../engine/projectFolder";
import { makeImage } from "../images";

/** The registry that the programs of docs/languages.md name. */
const HOST = "registry.example.com";

/** The images of the chart that the programs deploy. */
const IMAGES = {
  "team/web:1.0": makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] }),
  "team/proxy:2.0": makeImage({ layers: [{ size: 1000, seed: "proxy" }] }),
};

const CHART = webChart({
  values: "web: quay.io/team/web:1.0\nproxy: quay.io/team/proxy:2.0\nreplicas: 1\nimagePullSecrets: []\n",
  containers: { web: "{{ .Values.web }}", proxy: "{{ .Values.proxy }}" },
  pullSecrets: true,
});

/** What the registry is logged in to with, by whoever pushes and by pods. */
const USERS = { ci: "push-secret-1", pods: "pull-secret-1" };

/** Where the programs of docs/languages.md run as they stand there: every name that they have is played. */
export class DocumentedStage extends MirrorStage {
  readonly host = HOST;
  readonly images = IMAGES;
  readonly users = USERS;
  private names!: NameProxy;
  private folder!: string;

  /** Registers jest's hooks of the file that calls it. */
  constructor() {
    super({
      images: IMAGES,
      source: { tls: { names: ["quay.io"] } },
      mirror: { tls: { names: [HOST] }, auth: { scheme: "basic", users: USERS } },
    });
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), "documented-"));
      // One authority has signed both.
      await writeFile(join(this.folder, "ca.pem"), this.mirror.ca ?? "");
      this.names = await startNameProxy({ [HOST]: this.mirror.host, "quay.io": this.source.host });
    });
    afterEach(async () => {
      await this.names.close();
      await rm(this.folder, { recursive: true });
    });
  }

  /** A project with the chart of the programs, and with the package where they look for it. */
  override async project({ program, env, ...options }: ProjectOptions): Promise<Project> {
    const project = await super.project({
      program: { ...CHART, ...(program as Readonly<Record<string, string>>) },
      config: { registryPassword: { secret: USERS.ci }, pullPassword: { secret: USERS.pods } },
      env: { HTTPS_PROXY: this.names.url, NODE_EXTRA_CA_CERTS: join(this.folder, "ca.pem"), ...env },
      ...options,
    });
    await mkdir(join(project.folder, "node_modules"));
    await symlink(checkout, join(project.folder, "node_modules/pulumi-chart-mirror"));
    return project;
  }
}
