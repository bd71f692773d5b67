// What the guides' programs meet outside of their cluster, in one process for the cluster's own network: the registries
// that the images come from, and AWS, Azure, Quay and a registry without TLS to mirror them to. Run with `--config FILE.json`
// (GuideServersConfig); one line on standard output says where everything is (GuideServers).
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { parseArgs } from "node:util";
import { startAzure, type Azure } from "../support/azure";
import { startChartRepository } from "../support/charts/chartRepository";
import { guideImages, pushGuideImages, type GuideImage } from "../support/charts/guideImages";
import { ecrHostName, startEcr, startMoto, startNameProxy } from "../support/cloud";
import { makeRunnableImage } from "../support/images";
import { startQuay } from "../support/quay";
import { startRegistry } from "../support/registry";

/** What the servers are started with. */
export interface GuideServersConfig {
  /** Path of the program of every image. */
  readonly program: string;
  readonly logins: { readonly reader: string; readonly credJson: string; readonly ci: string };
  readonly acr: string;
  /** The name under which Quay has a certificate. */
  readonly quay: string;
  /** Where the registry without TLS listens. */
  readonly registryPort: number;
}

/** Where the servers are. */
export interface GuideServers {
  /** The chart repository of both vendors. */
  readonly charts: string;
  /** `host:port` of what stands for quay.io and Docker Hub; it demands the login `reader`. */
  readonly source: string;
  /** As `source`, with other content: what is copied to ECR. */
  readonly sourceForEcr: string;
  /** `host:port` of what stands for Appcircle's registry; it demands `_json_key`. */
  readonly vendor: string;
  readonly azure: Pick<Azure, "url" | "subscription" | "principal">;
  /** As `vendor`, with other content: what Quay has in front of itself. */
  readonly behindQuay: string;
  /** Endpoint of AWS. */
  readonly aws: string;
  /** A proxy to the names of Azure. */
  readonly proxy: string;
  readonly quay: { readonly port: string; readonly token: string };
  /** PEM authority of all that speaks https. */
  readonly ca: string;
}

/** The images of an example's guide, which run; `from` makes those of two registries differ. */
export function runnableGuideImages(example: string, binary: Uint8Array, from = ""): GuideImage[] {
  return guideImages(example, (reference) => makeRunnableImage({ binary, seed: from + reference }));
}

/** Images of one guide that come through different mirrors differ: the node has none of one mirror's from another. */
export const FOR_ECR = "for ECR ";
export const THROUGH_QUAY = "through Quay ";

async function main(): Promise<void> {
  const { config = "" } = parseArgs({ options: { config: { type: "string" } } }).values;
  const { program, logins, acr, quay, registryPort } = JSON.parse(readFileSync(config, "utf8")) as GuideServersConfig;
  const binary = readFileSync(program);

  const source = await startRegistry({ auth: { scheme: "basic", users: { reader: logins.reader } } });
  await pushGuideImages(source, runnableGuideImages("stackstate-acr", binary));
  const other = await startRegistry({ auth: { scheme: "basic", users: { reader: logins.reader } } });
  await pushGuideImages(other, runnableGuideImages("stackstate-ecr", binary, FOR_ECR));
  const vendorAuth = { scheme: "bearer", users: { _json_key: logins.credJson } } as const;
  const vendor = await startRegistry({ auth: vendorAuth });
  await pushGuideImages(vendor, runnableGuideImages("appcircle-openshift", binary));
  const upstream = await startRegistry({ auth: vendorAuth });
  await pushGuideImages(upstream, runnableGuideImages("appcircle-quay", binary, THROUGH_QUAY));

  await startRegistry({ port: registryPort, auth: { scheme: "bearer", users: { ci: logins.ci } } });
  const azure = await startAzure();
  const data = await azure.startAcr(acr);
  const moto = await startMoto();
  const ecr = await startEcr(moto);
  await serveAt(443, { [`${acr}.azurecr.io`]: data.host, [ecrHostName()]: ecr.host });
  const proxy = await startNameProxy({ [`${acr}.azurecr.io`]: data.host, "management.azure.com": azure.management });
  const quayServer = await startQuay({
    upstreams: { "europe-west1-docker.pkg.dev": { url: upstream.url } },
    tls: { names: [quay] },
  });

  const { url, subscription, principal, ca } = azure;
  const servers: GuideServers = {
    charts: (await startChartRepository("stackstate", "appcircle")).url,
    source: source.host,
    sourceForEcr: other.host,
    vendor: vendor.host,
    behindQuay: upstream.host,
    aws: moto.url,
    azure: { url, subscription, principal },
    proxy: proxy.url,
    quay: { port: quayServer.host.split(":")[1] ?? "", token: quayServer.issueToken() },
    ca,
  };
  process.stdout.write(`${JSON.stringify(servers)}\n`);
}

/** Lets https servers be found by their names at the port that goes without saying. @param names `host:port` by name */
async function serveAt(port: number, names: Readonly<Record<string, string>>): Promise<void> {
  const listener = createServer((client) => {
    client.on("error", () => client.destroy());
    // A client says first, unencrypted, whom it means.
    client.once("data", (hello: Buffer) => {
      const [, server = ""] = Object.entries(names).find(([name]) => hello.includes(name)) ?? [];
      const behind = connect(Number(server.split(":")[1]), "127.0.0.1");
      for (const socket of [client, behind])
        socket.on("error", () => [client, behind].forEach((each) => each.destroy()));
      behind.write(hello);
      client.pipe(behind).pipe(client);
    });
  });
  await new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
}

if (require.main === module)
  main().catch((error: unknown) => {
    process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exitCode = 1;
  });
