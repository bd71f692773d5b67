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

it("does not read a login file without an end", async () => {
  const error = await failure(systemKeychain({ REGISTRY_AUTH_FILE: "/dev/zero" }).credentialsFor("a.io"));
  expect(error.message).toMatch(/login file \/dev\/zero cannot be read \(it is larger than 32\.0 MiB\)/);
});

it("goes on without a helper that is not installed, and says so once", async () => {
  await mkdir(join(home, ".docker"));
  const login = { auth: Buffer.from("u:p").toString("base64") };
  await writeFile(
    join(home, ".docker", "config.json"),
    JSON.stringify({ credsStore: "gone", credHelpers: { "a.io": "lost" }, auths: { "b.io": login } }),
  );
  const told: string[] = [];
  const keychain = systemKeychain({ HOME: home, PATH: home }, (message) => told.push(message));
  for (let times = 0; times < 2; times++) {
    expect(await keychain.credentialsFor("a.io")).toBeUndefined();
    expect(await keychain.credentialsFor("docker.io")).toBeUndefined();
    expect(await keychain.credentialsFor("b.io")).toEqual({ kind: "basic", username: "u", password: "p" });
  }
  expect(told).toEqual([
    expect.stringMatching(/docker-credential-lost, which the login file .*config\.json names, is not on the PATH/),
    expect.stringContaining("docker-credential-gone"),
  ]);
});
