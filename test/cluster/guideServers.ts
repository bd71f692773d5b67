// What the guides' programs meet outside of their cluster, in one process for the cluster's own network: the registries
// that the images come from, and Azure, Quay and a registry without TLS to mirror them to. Run with `--config FILE.json`
// (GuideServersConfig); one line on standard output says where everything is (GuideServers).
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { parseArgs } from "node:util";
import { startAzure, type Azure } from "../support/azure";
import { startChartRepository } from "../support/charts/chartRepository";
import { guideImages, pushGuideImages, type GuideImage } from "../support/charts/guideImages";
import { startNameProxy } from "../support/cloud";
import { makeRunnableImage } from "../support/images";
import { startQuay } from "../support/quay";
import { startRegistry } from "../support/registry";

/** What the servers are started with. */
export interface GuideServersConfig {
  /** The program of every image. */
  readonly binary: string;
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
  /** `host:port` of what stands for Appcircle's registry; it demands `_json_key`. */
  readonly vendor: string;
  readonly azure: Pick<Azure, "url" | "subscription" | "principal">;
  /** As `vendor`, with other content: what Quay has in front of itself. */
  readonly behindQuay: string;
  /** A proxy to the names of Azure. */
  readonly proxy: string;
  readonly quay: { readonly port: string; readonly token: string };
  /** PEM authority of all that speaks https. */
  readonly ca: string;
}

/** The images of an example's guide, which run; `from` makes those of two registries differ. */
export function runnableGuideImages(example: string, binary: string, from = ""): GuideImage[] {
  const program = readFileSync(binary);
  return guideImages(example, (reference) => makeRunnableImage({ binary: program, seed: from + reference }));
}

/** Content of Appcircle's registry as Quay's upstream: other than that which is copied from it. */
export const THROUGH_QUAY = "through Quay ";

async function main(): Promise<void> {
  const { config = "" } = parseArgs({ options: { config: { type: "string" } } }).values;
  const { binary, logins, acr, quay, registryPort } = JSON.parse(readFileSync(config, "utf8")) as GuideServersConfig;

  const source = await startRegistry({ auth: { scheme: "basic", users: { reader: logins.reader } } });
  await pushGuideImages(source, runnableGuideImages("stackstate-acr", binary));
  const vendorAuth = { scheme: "bearer", users: { _json_key: logins.credJson } } as const;
  const vendor = await startRegistry({ auth: vendorAuth });
  await pushGuideImages(vendor, runnableGuideImages("appcircle-openshift", binary));
  const upstream = await startRegistry({ auth: vendorAuth });
  await pushGuideImages(upstream, runnableGuideImages("appcircle-quay", binary, THROUGH_QUAY));

  await startRegistry({ port: registryPort, auth: { scheme: "bearer", users: { ci: logins.ci } } });
  const azure = await startAzure();
  const data = await azure.startAcr(acr);
  await serveAt(443, data.host);
  const proxy = await startNameProxy({ [`${acr}.azurecr.io`]: data.host, "management.azure.com": azure.management });
  const quayServer = await startQuay({
    upstreams: { "europe-west1-docker.pkg.dev": { url: upstream.url } },
    tls: { names: [quay] },
  });

  const { url, subscription, principal, ca } = azure;
  const servers: GuideServers = {
    charts: (await startChartRepository("stackstate", "appcircle")).url,
    source: source.host,
    vendor: vendor.host,
    behindQuay: upstream.host,
    azure: { url, subscription, principal },
    proxy: proxy.url,
    quay: { port: quayServer.host.split(":")[1] ?? "", token: quayServer.issueToken() },
    ca,
  };
  process.stdout.write(`${JSON.stringify(servers)}\n`);
}

/** Lets the server at `host:port` be found at another port too, such as the one that goes without saying. */
async function serveAt(port: number, server: string): Promise<void> {
  const to = Number(server.split(":")[1]);
  const listener = createServer((client) => {
    const behind = connect(to, "127.0.0.1");
    for (const socket of [client, behind]) socket.on("error", () => [client, behind].forEach((each) => each.destroy()));
    client.pipe(behind).pipe(client);
  });
  await new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
}

if (require.main === module)
  main().catch((error: unknown) => {
    process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exitCode = 1;
  });
