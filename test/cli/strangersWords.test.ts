import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { load } from "js-yaml";
import { main } from "../../src/cli/main";
import { ensureTool } from "../support/tools";

/** What a terminal or a build machine would do something about. */
const EVIL =
  "\u001b]0;title\u0007\u009b31m\r\u202eevil\u2028\u200b\n::error file=x::no\n##[error]no ##vso[task.complete]no";
// eslint-disable-next-line no-control-regex -- what is looked for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u200b]|^\s*::|##\w*\[/m;

let server: Server;
let host: string;
let answer: (response: ServerResponse) => void;
/** The file that says how the registry is reached. */
let registries: string;
let folder: string;
const environment = { ...process.env };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "strangers-words-"));
  process.env.HELM = await ensureTool("helm");
  process.env.DOCKER_CONFIG = join(folder, "docker");
  server = createServer((_, response) => answer(response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  registries = join(folder, "registries.yaml");
  await writeFile(registries, `- { host: "${host}", plainHttp: true }\n`);
}, 600_000);
beforeEach(() => {
  answer = (response) => void response.writeHead(404).end();
});
afterAll(async () => {
  await new Promise((closed) => server.close(closed).closeAllConnections());
  process.env = environment;
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, { out: (text) => void out.push(text), err: (text) => void err.push(text) });
  return { code, out: out.join(""), err: err.join("") };
}

async function chart(template: string, values = ""): Promise<string> {
  const root = await mkdtemp(join(folder, "chart-"));
  const files = {
    "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "values.yaml": values,
    "templates/pod.yaml": template,
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

/** As YAML takes it: only with escapes. */
const escaped = (json: string): string =>
  json.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
const container = (name: string, image: string): string =>
  escaped(
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ name, image }] } }),
  );

describe("names of a chart", () => {
  const names = (): string => `${container(EVIL, `${host}/a/b:1`)}\n---\n${container("c", `${host}/a/${EVIL}:1`)}\n`;
  it.each([
    ["images"],
    ["images", "--output", "json"],
    ["images", "--output", "yaml"],
    ["plan", "--registries", "FILE", "--to", "m.test/x"],
    ["plan", "--registries", "FILE", "--to", "m.test/x", "--output", "json"],
    ["plan", "--registries", "FILE", "--to", "m.test/x", "--output", "markdown"],
    ["plan", "--registries", "FILE", "--to", "m.test/x", "--output", "html"],
    ["values", "--to", "m.test/x", "--allow-escapes"],
    ["verify", "--to", "m.test/x"],
  ])("are shown by %s %s %s %s %s %s %s", async (command, ...options) => {
    const { out, err } = await run(
      command,
      await chart(names()),
      ...options.map((option) => option.replace("FILE", registries)),
    );
    expect(out + err).not.toMatch(OBEYED);
    expect(err + out).toContain(`${host}/a/`);
  });

  it("are what they were for who reads JSON or YAML", async () => {
    const root = await chart(container(EVIL, "r.invalid/a/b:1"));
    const [json, yaml] = await Promise.all(["json", "yaml"].map((output) => run("images", root, "--output", output)));
    expect(JSON.stringify(JSON.parse(json?.out ?? ""))).toContain(JSON.stringify(EVIL).slice(1, -1));
    expect(load(yaml?.out ?? "")).toEqual(JSON.parse(json?.out ?? ""));
  });
});

describe("what Helm says of a chart that fails", () => {
  it("is shown", async () => {
    const root = await chart(`{{ fail ${JSON.stringify(EVIL)} }}`);
    const { code, err } = await run("images", root);
    expect(code).toBe(2);
    expect(err).toContain("\\u001b]0;title");
    expect(err).not.toMatch(OBEYED);
  });

  it("is cut where it is very long", async () => {
    const { err } = await run("images", await chart('{{ fail (repeat 1000000 "a") }}'));
    expect(err.length).toBeLessThan(20_000);
    expect(err).toMatch(/a… \(992\d+ more characters\)/);
  });
});

describe("what a registry answers", () => {
  async function copy(): Promise<{ code: number; out: string; err: string }> {
    return run("copy", `${host}/app:1`, "--to", `${host}/mirror`, "--plain-http", "--plain-http-source", host);
  }
  const send = (status: number, body: string, headers: Record<string, string> = {}) => {
    answer = (response) => void response.writeHead(status, headers).end(body);
  };
  const manifest = (content: unknown, type: string) => send(200, JSON.stringify(content), { "content-type": type });
  const OCI = "application/vnd.oci.image.manifest.v1+json";

  it.each<[string, () => void]>([
    ["an error", () => send(400, JSON.stringify({ errors: [{ code: "X", message: EVIL }] }))],
    ["a code of an error", () => send(403, JSON.stringify({ errors: [{ code: EVIL, message: "no" }] }))],
    ["a media type", () => manifest({ schemaVersion: 2, mediaType: EVIL, config: null }, OCI)],
    [
      "a digest",
      () => manifest({ schemaVersion: 2, mediaType: OCI, config: { digest: EVIL, size: 1 }, layers: [] }, OCI),
    ],
    ["an address", () => send(307, "", { location: "ftp://evil%1b[31m/" })],
    [
      "an address of a token service",
      () => send(401, "", { "www-authenticate": 'Bearer realm="https://e\u009bvil%1b/"' }),
    ],
    ["a very long error", () => send(400, JSON.stringify({ errors: [{ code: "X", message: "a".repeat(1_000_000) }] }))],
    ["a very long media type", () => manifest({ schemaVersion: 2, mediaType: "a".repeat(1_000_000) }, OCI)],
  ])("is shown where it is %s", async (_, set) => {
    set();
    const { code, out, err } = await copy();
    expect(code).not.toBe(0);
    expect(out + err).not.toMatch(OBEYED);
    expect((out + err).length).toBeLessThan(20_000);
  });
});
