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

/** Installs the package for one cell and takes its program through preview, update, a second update and destroy. */
export async function walk(cell: Cell, packed: PackedPackage): Promise<void> {
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
    try {
      await project.preview();
      expect(mirror.repositories()).toEqual([]);
      await project.up();
      for (const [name, image] of Object.entries(images)) {
        const [repository = "", tag = ""] = `team/${name}`.split(":");
        expect(mirror.tag(repository, tag)).toBe(image.digest);
      }
      expect(JSON.stringify(cluster.object("Deployment", "web"))).toContain(`${mirror.host}/team/team/proxy:2.0`);
      expectUnchanged(await project.up());
      await project.destroy();
      expect(cluster.objects()).toEqual([]);
    } finally {
      await project.dispose();
    }
  } finally {
    await cluster.dispose();
    await source.close();
    await mirror.close();
  }
}
