import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeImage, pushImage } from "../support/images";
import { at, failure, Fixture } from "./fixture";

const fixture = new Fixture();

it("a registry whose authority is not trusted is an error with a remedy, and is asked nothing", async () => {
  const registry = await fixture.registry({ tls: true });
  const client = fixture.client([registry], {}, () => ({ caCertificates: [] }));
  const error = await failure(client.head(at(registry, "a:1")));
  expect(error).toMatchObject({ code: "TLS_UNTRUSTED", registry: registry.host });
  expect(error.message).toContain("caCertificates");
  expect(registry.requests.all).toEqual([]);
});

it("an own authority does not take the place of the system's, and images travel over TLS", async () => {
  const [source, target] = await fixture.pair({ tls: true }, { tls: true, objectStorage: true });
  const image = makeImage({ layers: [{ size: 3_000_000, seed: "tls" }] });
  await pushImage(source, "a:1", image);
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  expect(await target.defects("b", "1")).toEqual([]);
});

it("an own authority does not take the place of those that Node.js was started with", async () => {
  const registry = await fixture.registry({ tls: true });
  const image = makeImage();
  await pushImage(registry, "a:1", image);
  const folder = await mkdtemp(join(tmpdir(), "authorities-"));
  try {
    const ca = join(folder, "ca.pem");
    await writeFile(ca, registry.ca ?? "");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--require", "./test/support/typescript.js", "test/oci/headWithAnotherAuthority.ts", `${registry.host}/a:1`],
      { cwd: join(__dirname, "..", ".."), env: { ...process.env, NODE_EXTRA_CA_CERTS: ca } },
    );
    expect(stdout).toBe(`${image.digest}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("a registry is reached where its access says, by its own name", async () => {
  const [source, target] = await fixture.pair();
  const image = makeImage();
  await pushImage(source, "cache/hub/library/nginx:1", image);
  const client = fixture.client([source, target], {}, (server) =>
    server === source ? { host: "docker.io", location: `${source.host}/cache/hub` } : {},
  );
  const nginx = { ...at(source, "library/nginx:1"), registry: "docker.io" };
  await client.copy(nginx, at(target, "nginx:1"));
  expect(target.tag("nginx", "1")).toBe(image.digest);
});
