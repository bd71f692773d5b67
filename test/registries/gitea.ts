import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand } from "../support/tools/command";
import { ensureTool } from "../support/tools";
import { freePort } from "../support/freePort";
import { LOGIN, startServer, type RealRegistry } from "./realRegistry";
import { pemFiles } from "./realRegistries";

/**
 * Gitea's packages (https://docs.gitea.com/usage/packages/container), with its database in a file. Repositories lie below
 * their owner's name, and its token service answers at `/v2/token`.
 */
export const gitea: RealRegistry = {
  name: "Gitea",
  start: async (folder, certificate) => {
    const { cert, key } = pemFiles(folder, certificate);
    const host = `127.0.0.1:${await freePort()}`;
    const executable = await ensureTool("gitea");
    const work = join(folder, "work");
    mkdirSync(work);
    const settings = join(folder, "app.ini");
    writeFileSync(settings, configuration({ host, cert, key, root: join(dirname(executable), "../root"), work }));
    // Git's settings go into the home of whoever runs it.
    const env = { ...process.env, HOME: work, GITEA_WORK_DIR: work };
    const command = async (...args: string[]): Promise<unknown> =>
      runCommand(executable, [...args, "--config", settings], { cwd: work, env });
    await command("migrate");
    const { username, password } = LOGIN;
    await command(
      ...["admin", "user", "create", "--username", username, "--password", password],
      ...["--email", "robot@example.com", "--must-change-password=false"],
    );
    const close = await startServer(executable, ["web", "--config", settings], `https://${host}`, { cwd: work, env });
    return { host, close };
  },
  path: `${LOGIN.username}/`,
  hasReferrers: false,
  keepsSha512: false,
  foreignLayers: "had",
  refuses: {
    "an index in an index": "MANIFEST_INVALID",
    "an image with a layer of SHA-512": "DIGEST_INVALID",
  },
};

/** https://docs.gitea.com/administration/config-cheat-sheet */
function configuration(at: { host: string; cert: string; key: string; root: string; work: string }): string {
  const [address, port] = at.host.split(":");
  const sections: Record<string, Record<string, string | number | boolean>> = {
    server: {
      PROTOCOL: "https",
      HTTP_ADDR: address ?? "",
      HTTP_PORT: port ?? "",
      ROOT_URL: `https://${at.host}/`,
      CERT_FILE: at.cert,
      KEY_FILE: at.key,
      // Templates and translations; there is nothing to look at in a browser, which the API does not need.
      STATIC_ROOT_PATH: at.root,
      DISABLE_SSH: true,
      OFFLINE_MODE: true,
    },
    database: { DB_TYPE: "sqlite3", PATH: join(at.work, "gitea.db") },
    security: { INSTALL_LOCK: true, SECRET_KEY: "conformance", PASSWORD_HASH_ALGO: "pbkdf2$1000$50" },
    packages: { ENABLED: true },
    service: { DISABLE_REGISTRATION: true },
    log: { MODE: "console", LEVEL: "error" },
    cron: { ENABLED: false },
    indexer: { ISSUE_INDEXER_TYPE: "db" },
    session: { PROVIDER: "memory" },
  };
  const lines = Object.entries(sections).flatMap(([section, settings]) => [
    `[${section}]`,
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
  ]);
  return ["I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true", ...lines, ""].join("\n");
}
