import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, request as httpsRequest } from "node:https";
import { freePort } from "../test/support/freePort";
import type { SyntheticImage } from "../test/support/images";
import type { IssuedCertificate } from "../test/support/registry";
import { ensureTool } from "../test/support/tools";

/** A real registry, CNCF Distribution 3, on a free port of the loopback interface. */
export class RegistryServer {
  private constructor(
    readonly host: string,
    private readonly storage: string,
    private readonly process: ChildProcess,
    private readonly certificate: IssuedCertificate | undefined,
  ) {}

  /** @param folder holds the configuration and, in `storage`, the content, which stays when the server ends. */
  static async start(folder: string, certificate?: IssuedCertificate): Promise<RegistryServer> {
    const storage = join(folder, "storage");
    mkdirSync(storage, { recursive: true });
    const port = await freePort();
    const host = `127.0.0.1:${port}`;
    const tls = certificate && { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    if (tls && certificate) {
      writeFileSync(tls.certificate, certificate.certificate);
      writeFileSync(tls.key, certificate.key, { mode: 0o600 });
    }
    const configuration = {
      version: "0.1",
      log: { level: "error", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
      http: { addr: host, ...(tls && { tls }) },
    };
    const file = join(folder, `config-${port}.yml`);
    writeFileSync(file, JSON.stringify(configuration));
    const child = spawn(await ensureTool("registry"), ["serve", file], {
      stdio: "ignore",
      env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
    });
    const server = new RegistryServer(host, storage, child, certificate);
    await server.ready();
    return server;
  }

  /** Uploads an image through the API, without login. */
  async push(repository: string, tag: string, image: SyntheticImage): Promise<void> {
    for (const blob of image.blobs) {
      if ((await this.ask("HEAD", `/v2/${repository}/blobs/${blob.digest}`)).status === 200) continue;
      const { location } = await this.ask("POST", `/v2/${repository}/blobs/uploads/`);
      const url = new URL(location ?? "", this.url);
      url.searchParams.set("digest", blob.digest);
      await this.ask("PUT", url.pathname + url.search, { "Content-Length": blob.size }, blob.read());
    }
    for (const { digest, mediaType, bytes } of image.manifests) {
      const name = digest === image.digest ? tag : digest;
      const headers = { "Content-Type": mediaType, "Content-Length": bytes.length };
      await this.ask("PUT", `/v2/${repository}/manifests/${name}`, headers, bytes);
    }
  }

  /** Whether a tag names an image of which every part is there, by its digest. */
  async has(repository: string, tag: string, image: SyntheticImage): Promise<boolean> {
    const { digest } = await this.ask("HEAD", `/v2/${repository}/manifests/${tag}`, { Accept: ACCEPT });
    if (digest !== image.digest) return false;
    const parts = [
      ...image.manifests.map((one) => `manifests/${one.digest}`),
      ...image.blobs.map((one) => `blobs/${one.digest}`),
    ];
    for (const part of parts)
      if ((await this.ask("HEAD", `/v2/${repository}/${part}`, { Accept: ACCEPT })).status !== 200) return false;
    return true;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }

  /** Forgets all content; the server must be stopped. */
  wipe(): void {
    rmSync(this.storage, { recursive: true, force: true });
  }

  private get url(): string {
    return `${this.certificate ? "https" : "http"}://${this.host}`;
  }

  private async ready(): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if (
        await this.ask("GET", "/v2/").then(
          () => true,
          () => false,
        )
      )
        return;
      await pause(25);
    }
    throw new Error(`the registry at ${this.host} does not answer`);
  }

  private ask(
    method: string,
    path: string,
    headers: Record<string, string | number> = {},
    body?: Buffer | NodeJS.ReadableStream,
  ): Promise<{ status: number; location?: string; digest?: string }> {
    const tls = this.certificate && { agent: new Agent({ ca: this.certificate.ca }) };
    return new Promise((resolve, reject) => {
      const request = (this.certificate ? httpsRequest : httpRequest)(`${this.url}${path}`, {
        method,
        headers,
        ...tls,
      });
      request.on("error", reject).on("response", (response) => {
        const status = response.statusCode ?? 0;
        response.resume().on("end", () => {
          if (status >= 500 || (status >= 400 && method !== "HEAD"))
            return reject(new Error(`${method} ${path}: ${status}`));
          const { location, "docker-content-digest": digest } = response.headers;
          resolve({ status, ...(location && { location }), ...(typeof digest === "string" && { digest }) });
        });
      });
      if (body === undefined || Buffer.isBuffer(body)) request.end(body);
      else body.pipe(request);
    });
  }
}

const ACCEPT = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
