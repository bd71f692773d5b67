import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

const ROOT = resolve(__dirname, "../..");
const SCRIPT = `require("./src/cli/main").main(process.argv.slice(1)).then((code) => (process.exitCode = code));`;
const KEYS = ["harmless", "__proto__", "constructor", "toString", "hasOwnProperty"];
let folder: string;
let source: TestRegistry;
let mirror: TestRegistry;
let helm: string;

jest.setTimeout(120_000);
beforeAll(async () => {
  helm = await ensureTool("helm");
}, 600_000);
beforeEach(async () => {
  source = await startRegistry();
  mirror = await startRegistry({ auth: { scheme: "basic", users: { robot: "s3cr3t-of-robot" } } });
  await pushImage(source, "team/app:1.27", makeImage());
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-keys-"));
  const auth = Buffer.from("robot:s3cr3t-of-robot").toString("base64");
  await put("docker/config.json", JSON.stringify({ auths: { [mirror.host]: { auth } } }));
  await put("registries.yaml", `- host: quay.io\n  location: ${source.host}\n  plainHttp: true\n`);
});
afterEach(async () => {
  await Promise.all([source.close(), mirror.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

async function chart(values: string, image: string): Promise<void> {
  await put("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n");
  await put("app/values.yaml", values);
  const pod = ["apiVersion: v1", "kind: Pod", "metadata: { name: app }", "spec:", "  containers:"];
  await put("app/templates/pod.yaml", [...pod, "    - name: app", `      image: "${image}"`, ""].join("\n"));
}

/** In a process of its own: in Jest's the objects of the program have another prototype than those of the test. */
async function run(command: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const to = ["--to", `${mirror.host}/p`, "--registries", join(folder, "registries.yaml")];
  const line = ["--require", "./test/support/typescript.js", "-e", SCRIPT, "--", command, join(folder, "app"), ...to];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...line, ...args], {
      cwd: ROOT,
      env: { ...process.env, HELM: helm, DOCKER_CONFIG: join(folder, "docker") },
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

it.each(KEYS)("a template that names .Values.%s.plainHttp takes TLS from nobody", async (key) => {
  const named = `index .Values "${key}" "plainHttp"`;
  await chart("x: 1\n", `{{ if index .Values "${key}" }}{{ ${named} }}:1.27{{ else }}quay.io/team/app:1.27{{ end }}`);
  expect(await run("plan")).toMatchObject({ code: 0, out: expect.stringContaining("quay.io/team/app:1.27") as string });
  // It listens without TLS, so that nothing but plain http could have made a request.
  expect(mirror.requests.all).toEqual([]);
});

it.each(KEYS)("an image in a value below the key %s is moved, or told to escape", async (key) => {
  await chart(`${key}: { image: quay.io/team/app:1.27 }\n`, `{{ index .Values "${key}" "image" }}`);
  const { code, out, err } = await run("values");
  if (key === "__proto__")
    expect({ code, err }).toEqual({
      code: 3,
      err: expect.stringMatching(/quay\.io\/team\/app:1\.27 would still be pulled/) as string,
    });
  else
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining(`${key}:\n  image: ${mirror.host}/p/team/app:1.27`) as string,
    });
});

it.each(KEYS)("values of the user reach Helm below the key %s", async (key) => {
  await chart("x: 1\n", `quay.io/team/{{ index .Values "${key}" "name" }}:1.27`);
  expect((await run("plan", "--set", `${key}.name=app`)).out).toContain("quay.io/team/app:1.27");
  await put("values.yaml", `${key}: { name: app }\n`);
  expect((await run("plan", "--values", join(folder, "values.yaml"))).out).toContain("quay.io/team/app:1.27");
});
