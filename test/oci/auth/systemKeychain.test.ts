import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemKeychain } from "../../../src/oci/auth/systemKeychain";
import { failure } from "../fixture";

let home: string;
beforeEach(async () => (home = await mkdtemp(join(tmpdir(), "keychain-"))));
afterEach(() => rm(home, { recursive: true }));

it("reads Docker's file and runs the helper that it names", async () => {
  await mkdir(join(home, ".docker"));
  await writeFile(join(home, ".docker", "config.json"), JSON.stringify({ credHelpers: { "a.io": "mine" } }));
  const helper = join(home, "docker-credential-mine");
  await writeFile(helper, `#!/bin/sh\necho '{"Username":"u","Secret":"s"}'\n`);
  await chmod(helper, 0o755);
  const keychain = systemKeychain({ HOME: home, PATH: `${home}:${process.env.PATH}` });
  expect(await keychain.credentialsFor("a.io")).toEqual({ kind: "basic", username: "u", password: "s" });
  expect(await keychain.credentialsFor("b.io")).toBeUndefined();
});

it("has nothing without files, and says which file it cannot read", async () => {
  expect(await systemKeychain({ HOME: home }).credentialsFor("a.io")).toBeUndefined();
  const folder = join(home, "auth.json");
  await mkdir(folder);
  const error = await failure(systemKeychain({ REGISTRY_AUTH_FILE: folder }).credentialsFor("a.io"));
  expect(error.message).toContain(folder);
});
