import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../src/cli/main";
import { basicAuthorization } from "../../src/oci/auth/credentials";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";

const PULL = { username: "reader", password: "s3cr3t-of-reader" };
const PUSH = { username: "robot", password: "s3cr3t-of-robot" };
const HUB = { username: "hub", password: "s3cr3t-of-hub" };
const SECRETS = [PULL, PUSH, HUB].flatMap((login) => [
  login.password,
  basicAuthorization(login).slice("Basic ".length),
]);
const image = makeImage({ layers: [{ size: 400_000, seed: 1 }] });

const environment = { ...process.env };
let folder: string;
let source: TestRegistry;
let target: TestRegistry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-secrets-"));
  source = await startRegistry({ auth: { scheme: "bearer", users: { reader: PULL.password } }, objectStorage: true });
  target = await startRegistry({ auth: { scheme: "basic", users: { robot: PUSH.password } } });
  await pushImage(source, "team/app:1", image);
});
afterEach(async () => {
  process.env = environment;
  await Promise.all([source.close(), target.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** What a run of the command shows, and what the helper that it starts was given. */
async function copy(...images: string[]) {
  const helper = join(folder, "docker-credential-test");
  const answer = JSON.stringify({ Username: PULL.username, Secret: PULL.password });
  await writeFile(helper, `#!/bin/sh\necho "$*" >> ${folder}/arguments\ncat >> ${folder}/input\necho '${answer}'\n`);
  await chmod(helper, 0o755);
  await mkdir(join(folder, "docker"), { recursive: true });
  const auth = Buffer.from(`${HUB.username}:${HUB.password}`).toString("base64");
  await writeFile(
    join(folder, "docker", "config.json"),
    JSON.stringify({ auths: { "https://index.docker.io/v1/": { auth } }, credHelpers: { [source.host]: "test" } }),
  );
  process.env = { ...environment, DOCKER_CONFIG: join(folder, "docker"), PATH: `${folder}:${environment.PATH}` };
  let shown = "";
  const tell = (text: string): void => void (shown += text);
  const args = [...images, "--to", target.host, "--plain-http", "--plain-http-source", source.host];
  const stdin = (async function* () {
    yield await Promise.resolve(`${PUSH.password}\n`);
  })();
  const login = ["--username", PUSH.username, "--password-stdin"];
  const code = await main(["copy", ...args, ...login], { out: tell, err: tell }, stdin);
  return {
    code,
    shown,
    given: [await readFile(join(folder, "arguments"), "utf8"), await readFile(join(folder, "input"), "utf8")],
  };
}

const at = (name: string) => `${source.host}/${name}`;

it("a copy shows no login, gives a helper the host alone, and the storage none", async () => {
  const { code, shown, given } = await copy(at("team/app:1"));
  expect([code, await target.defects("team/app", "1")]).toEqual([0, []]);
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
  expect(given.map((text) => [...new Set(text.trim().split("\n"))])).toEqual([["get"], [source.host]]);
  const storage = source.requests.find({ service: "storage" });
  expect(storage.length).toBeGreaterThan(0);
  expect(storage.every(({ headerNames }) => !headerNames.includes("authorization"))).toBe(true);
});

it.each<[string, () => TestRegistry, string]>([
  ["source", () => source, PULL.password],
  ["target", () => target, PUSH.password],
])("a failure shows no login, whatever the %s says", async (_, server, password) => {
  const body = JSON.stringify({ errors: [{ code: "DENIED", message: `you sent ${password}` }] });
  const match = { method: ["GET", "POST"], path: /blobs/, times: Infinity };
  server().faults.add({ match, action: { kind: "answer", status: 403, body } });
  const { code, shown } = await copy(at("team/app:1"), at("team/missing:1"));
  expect(code).not.toBe(0);
  expect(shown).toContain("you sent ***");
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
});
