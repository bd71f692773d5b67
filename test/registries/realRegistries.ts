import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/freePort";
import type { IssuedCertificate } from "../support/registry";
import { startDistribution } from "../support/registry/distribution";
import { startLoginProxy } from "../support/registry/transport/loginProxy";
import { ensureTool } from "../support/tools";
import { LOGIN, startServer, type RealRegistry } from "./realRegistry";

/** Writes what a server reads at its start. */
export function pemFiles(folder: string, { certificate, key }: IssuedCertificate): { cert: string; key: string } {
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}

/** The login's password, as bcrypt has it. */
const BCRYPT = "$2b$05$0TUA.VQ83yuEG77Ej6Lpb.vRW2eXaD9DFjvMxVJZx.u/VXK/sJpk.";

export const distribution2: RealRegistry = {
  name: "distribution 2.8",
  start: (_, certificate) => startDistribution({ tool: "docker-registry", certificate }),
  hasReferrers: false,
  keepsSha512: false,
  foreignLayers: "none",
};

export const distribution3: RealRegistry = {
  name: "distribution 3",
  start: (_, certificate) => startDistribution({ certificate }),
  hasReferrers: false,
  keepsSha512: false,
  foreignLayers: "none",
};

/** It knows no logins, so one stands before it. */
export const goContainerregistry: RealRegistry = {
  name: "the registry of go-containerregistry",
  start: async (folder, certificate) => {
    const { cert, key } = pemFiles(folder, certificate);
    const [registryPort, port] = [await freePort(), await freePort()];
    const address = `127.0.0.1:${registryPort}`;
    const end = await startServer(await ensureTool("referrers-registry"), [address, cert, key], `https://${address}`);
    const proxy = await startLoginProxy({ registryPort, port, certificate, ...LOGIN });
    const close = async () => {
      await proxy.close();
      await end();
    };
    return { host: `127.0.0.1:${port}`, close };
  },
  hasReferrers: true,
  keepsSha512: true,
  foreignLayers: "all",
};

/** https://github.com/olareg/olareg, with its files on disk. */
export const olareg: RealRegistry = {
  name: "olareg",
  start: async (folder, certificate) => {
    const { cert, key } = pemFiles(folder, certificate);
    const port = await freePort();
    const auth = join(folder, "auth.yaml");
    const acls = [{ repo: "*", members: [LOGIN.username], access: ["*"] }];
    writeFileSync(auth, JSON.stringify({ users: { [LOGIN.username]: { cred: BCRYPT } }, acls }));
    const settings = {
      addr: "127.0.0.1",
      port,
      dir: join(folder, "store"),
      "tls-cert": cert,
      "tls-key": key,
      "auth-basic": auth,
      "api-delete": true,
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const host = `127.0.0.1:${port}`;
    return { host, close: await startServer(await ensureTool("olareg"), ["serve", ...flags], `https://${host}`) };
  },
  hasReferrers: true,
  keepsSha512: true,
  foreignLayers: "all",
};
