import { join } from "node:path";
import { ensureTool } from "../test/support/tools";

/** A way to copy a set of images, as a shell script. */
export interface Copier {
  readonly name: string;
  /** @param pairs `SOURCE TARGET`, one for each image. @param ca file of the authority; plain http without. */
  script(pairs: readonly (readonly [string, string])[], ca: string | undefined): string;
}

/** Each image by a process of its own, so many at a time. */
const each = (pairs: readonly (readonly [string, string])[], command: string, atOnce: number): string =>
  `printf '%s\\n' ${pairs.map(([source, target]) => `'${source} ${target}'`).join(" ")} | xargs -P ${atOnce} -L 1 sh -c '${command}' _`;

const trust = (ca: string | undefined): string => (ca ? `export SSL_CERT_FILE='${ca}'; ` : "");

/** Their best on two cores. */
const AT_ONCE = 4;

/** This package's copier and its peers; first crane, one image after the other, which is 1. */
export async function copiers(): Promise<Copier[]> {
  const [crane, regctl, skopeo] = await Promise.all([ensureTool("crane"), ensureTool("regctl"), ensureTool("skopeo")]);
  const hosts = (pairs: readonly (readonly [string, string])[]) => [
    ...new Set(pairs.flat().map((reference) => reference.split("/")[0] as string)),
  ];
  return [
    ...[1, AT_ONCE].map((atOnce): Copier => ({
      name: atOnce === 1 ? "crane" : `crane, ${atOnce} at a time`,
      script: (pairs, ca) =>
        `${trust(ca)}${each(pairs, `exec ${crane} copy ${ca ? "" : "--insecure"} "$1" "$2"`, atOnce)}`,
    })),
    {
      name: `regctl, ${AT_ONCE} at a time`,
      script: (pairs, ca) => {
        const settings = hosts(pairs)
          .map((host) => (ca ? "" : `--host reg=${host},tls=disabled`))
          .join(" ");
        return `${trust(ca)}${each(pairs, `exec ${regctl} ${settings} image copy "$1" "$2"`, AT_ONCE)}`;
      },
    },
    {
      name: `skopeo, ${AT_ONCE} at a time`,
      script: (pairs, ca) => {
        const tls = `--src-tls-verify=${Boolean(ca)} --dest-tls-verify=${Boolean(ca)}`;
        const command = `exec ${skopeo} --insecure-policy copy -q --all --preserve-digests ${tls} docker://"$1" docker://"$2"`;
        return `${trust(ca)}${each(pairs, command, AT_ONCE)}`;
      },
    },
    {
      name: "chart-mirror",
      script: (pairs, ca) =>
        `exec ${process.execPath} ${join(__dirname, "copyAll.js")} ${ca ?? "-"} ${pairs.map(([s, t]) => `${s}=${t}`).join(" ")}`,
    },
  ];
}
