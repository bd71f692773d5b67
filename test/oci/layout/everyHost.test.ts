import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RegistryAccess } from "../../../src/oci/transport/access";
import { makeImage, pushImage } from "../../support/images";
import { save } from "../../bundle/bundles";
import { at, failure, Fixture } from "../fixture";

const fixture = new Fixture();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-every-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const LOGIN = { username: "robot", password: "s3cret-of-one" };

test.each<readonly [string, Partial<RegistryAccess>]>([
  ["with a login and no layouts", LOGIN],
  ["with a login and an empty list of layouts", { ...LOGIN, layouts: [] }],
  ["that would be asked without TLS", {}],
])("an entry for every host %s is one for no host", async (_, entry) => {
  const registry = await fixture.registry({ auth: { scheme: "basic", users: { [LOGIN.username]: LOGIN.password } } });
  const registries = fixture.client([], { access: [{ host: "*", plainHttp: true, ...entry }] });
  expect((await failure(registries.resolve(at(registry, "team/app:1")))).message).not.toContain("s3cret");
  expect(registry.requests.all).toEqual([]);
});

test("layouts stand for every host, and the login beside them goes nowhere", async () => {
  const registry = await fixture.registry();
  const image = makeImage({ layers: [{ size: 100, seed: "a" }] });
  await pushImage(registry, "team/app:1", image);
  const file = join(folder, "bundle.tar");
  await save(file, registry, ["team/app:1"]);
  const asked = registry.requests.all.length;
  const registries = fixture.client([], { access: [{ host: "*", layouts: [file], ...LOGIN }] });
  expect((await registries.resolve(at(registry, "team/app:1"))).digest).toBe(image.digest);
  expect(registry.requests.all).toHaveLength(asked);
});
