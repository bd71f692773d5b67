import { expectUnchanged } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster } from "../support/providers/kubernetes";
import { startRegistry } from "../support/registry";
import type { Cell } from "./cells";
import { createConsumer, type PackedPackage } from "./consumer";

const images = {
  "team/web:1.0": makeImage({ layers: [{ size: 500, seed: "web" }] }),
  "team/proxy:2.0": makeImage({ layers: [{ size: 500, seed: "proxy" }] }),
};

/** Says at once what a cell has come to: Jest tells nothing of a file before its last test, which is many minutes later. */
function teller({ layout, node, program }: Cell): (what: string) => void {
  let since = Date.now();
  return (what) => {
    process.stderr.write(
      `${layout}, Node.js ${node}, ${program}: ${what} (${Math.round((Date.now() - since) / 100) / 10} s)\n`,
    );
    since = Date.now();
  };
}

/** Installs the package for one cell and takes its program through preview, update, a second update and destroy. */
export async function walk(cell: Cell, packed: PackedPackage): Promise<void> {
  const tell = teller(cell);
  const source = await startRegistry();
  const mirror = await startRegistry({ auth: { scheme: "basic", users: { ci: "push-secret-1" } } });
  const cluster = await memoryCluster();
  try {
    for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
    const project = await createConsumer(cell, packed, cluster, {
      mirrorHost: mirror.host,
      sourceHost: source.host,
      password: { secret: "push-secret-1" },
    });
    tell("installed");
    try {
      await project.preview();
      tell("preview");
      expect(mirror.repositories()).toEqual([]);
      await project.up();
      tell("up");
      for (const [name, image] of Object.entries(images)) {
        const [repository = "", tag = ""] = `team/${name}`.split(":");
        expect(mirror.tag(repository, tag)).toBe(image.digest);
      }
      expect(JSON.stringify(cluster.object("Deployment", "web"))).toContain(`${mirror.host}/team/team/proxy:2.0`);
      expectUnchanged(await project.up());
      tell("up again");
      await project.destroy();
      expect(cluster.objects()).toEqual([]);
      tell("destroy");
    } finally {
      await project.dispose();
    }
  } finally {
    await cluster.dispose();
    await source.close();
    await mirror.close();
  }
}
