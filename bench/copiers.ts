import { join } from "node:path";
import { ensureTool } from "../test/support/tools";
import { pins } from "../test/support/tools/pins";

/** A way to copy a set of images, as a shell script. */
export interface Copier {
  readonly name: string;
  /** @param pairs `SOURCE TARGET`, one for each image. @param ca file of the authority; plain http without. */
  script(pairs: readonly (readonly [string, string])[], ca: string | undefined): string;
}

/** Each image by a process of its own, so many at a time: the command with both references behind it. */
const each = (pairs: readonly (readonly [string, string])[], command: string, atOnce: number, scheme = ""): string =>
  `printf '%s\\n' ${pairs.map(([source, target]) => `'${scheme}${source} ${scheme}${target}'`).join(" ")} | xargs -P ${atOnce} -L 1 ${command}`;

const trust = (ca: string | undefined): string => (ca ? `export SSL_CERT_FILE='${ca}'; ` : "");

/** A Node.js to run on. */
interface Runtime {
  readonly name: string;
  /** The shell command that becomes it. */
  readonly run: string;
}

/** The Node.js that runs this, and the newest that the package is made for: their starts differ, and their heaps. */
export async function runtimes(): Promise<Runtime[]> {
  const major = (version: string): string => `Node.js ${version.split(".")[0]}`;
  const executables = new Map([
    [major(process.versions.node), process.execPath],
    [major(pins.node24), await ensureTool("node24")],
  ]);
  // Before 22, Node.js reads all authorities of this file when it starts, which takes as long as the start itself; the
  // copier is told of its authority, as the others are.
  return [...executables].map(([name, node]) => ({ name, run: `unset NODE_EXTRA_CA_CERTS; exec ${node}` }));
}

/** Their best on two cores. */
const AT_ONCE = 4;

const hosts = (pairs: readonly (readonly [string, string])[]): string[] => [
  ...new Set(pairs.flat().map((reference) => reference.split("/")[0] as string)),
];

/** All images in one process. JSON is YAML. */
function regsyncConfiguration(pairs: readonly (readonly [string, string])[], tls: "enabled" | "disabled"): string {
  return JSON.stringify({
    version: 1,
    creds: hosts(pairs).map((registry) => ({ registry, tls })),
    defaults: { parallel: AT_ONCE, skipDockerConfig: true },
    sync: pairs.map(([source, target]) => ({ source, target, type: "image" })),
  });
}

/** This package's copier and its peers; first crane, one image after the other, which is 1. */
export async function copiers(): Promise<Copier[]> {
  const [crane, regctl, regsync, skopeo] = await Promise.all([
    ensureTool("crane"),
    ensureTool("regctl"),
    ensureTool("regsync"),
    ensureTool("skopeo"),
  ]);
  return [
    ...[1, AT_ONCE].map((atOnce): Copier => ({
      name: atOnce === 1 ? "crane" : `crane, ${atOnce} at a time`,
      script: (pairs, ca) => `${trust(ca)}${each(pairs, `${crane} copy ${ca ? "" : "--insecure"}`, atOnce)}`,
    })),
    {
      name: `regctl, ${AT_ONCE} at a time`,
      script: (pairs, ca) => {
        const settings = hosts(pairs)
          .map((host) => (ca ? "" : `--host reg=${host},tls=disabled`))
          .join(" ");
        return `${trust(ca)}${each(pairs, `${regctl} ${settings} image copy`, AT_ONCE)}`;
      },
    },
    {
      name: `skopeo, ${AT_ONCE} at a time`,
      script: (pairs, ca) => {
        const tls = `--src-tls-verify=${Boolean(ca)} --dest-tls-verify=${Boolean(ca)}`;
        const command = `${skopeo} --insecure-policy copy -q --all --preserve-digests ${tls}`;
        return `${trust(ca)}${each(pairs, command, AT_ONCE, "docker://")}`;
      },
    },
    {
      name: `regsync, ${AT_ONCE} at a time`,
      script: (pairs, ca) => {
        const configuration = regsyncConfiguration(pairs, ca ? "enabled" : "disabled");
        return `${trust(ca)}printf %s '${configuration}' | ${regsync} once --verbosity error --config -`;
      },
    },
    ...(await runtimes()).map(({ name, run }): Copier => ({
      name: `chart-mirror, ${name}`,
      script: (pairs, ca) =>
        `${run} ${join(__dirname, "copyAll.js")} ${ca ?? "-"} ${pairs.map(([s, t]) => `${s}=${t}`).join(" ")}`,
    })),
  ];
}
