/** What people get wrong: each is a sentence that says what, why and what to do, with an exit code, and never a stack. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../src/cli/main";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

const FILES: Record<string, string | Buffer> = {
  "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
  "app/values.yaml": "image: { repository: quay.invalid/team/app, tag: '1' }\n",
  "app/templates/app.yaml":
    'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: [{ name: a, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}" }] }\n',
  "library/Chart.yaml": "apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n",
  "folder/none": "",
  "broken.yaml": "a: [",
  "list.yaml": "- 1\n",
  "binary.dat": Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 255, 254]),
  "empty.yaml": "",
  "text.txt": "words\n",
  "noHost.yaml": "- { plainHttp: true }\n",
  "scheme.yaml": "- { host: https://r.example.com }\n",
  "port.yaml": "- { host: r.example.com:70000 }\n",
  "unknownKey.yaml": "- { host: r.example.com, insecure: true }\n",
  "noFile.yaml": "- { host: r.example.com, caFile: none.pem }\n",
};

let folder: string;
let registry: TestRegistry;
let web: Server;
const environment = { ...process.env };
const cwd = process.cwd();
beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-mistakes-"));
  for (const [file, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  process.env = { ...process.env, HOME: folder, DOCKER_CONFIG: folder };
  process.chdir(folder);
  registry = await startRegistry();
  await writeFile(join(folder, "plain.yaml"), `- { host: "${registry.host}", plainHttp: true }\n`);
  web = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((listening) => web.listen(0, "127.0.0.1", listening));
}, 600_000);
afterAll(async () => {
  process.chdir(cwd);
  process.env = environment;
  await registry.close();
  await new Promise((closed) => web.close(closed).closeAllConnections());
  await rm(folder, { recursive: true, force: true });
});

async function run(args: readonly string[]) {
  let [out, err] = ["", ""];
  const nothing = (async function* () {})();
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await main(args, streams, nothing), out, err };
}

const TO = ["--to", "m.example.com"];
it.each<[string, string]>([
  ["", "Usage: chart-mirror"],
  ["image ./app", "unknown command 'image'"],
  ["--verbose copy", "their options stand behind their names"],
  ["help nonsense", "unknown command 'nonsense'"],
  ["images", "Name a chart, or look at a cluster with --cluster"],
  ["images ./app ./app", "Expected 1 argument but got 2"],
  ["images ./app --outptu json", "Did you mean --output?"],
  ["images ./app --output xml", "Allowed choices are table, json, yaml"],
  ["images ./app --values", "argument missing"],
  ["images ./ap", "Did you mean ./app?"],
  ["images ./none/app", "There is no folder"],
  ["images <EMPTY>", "its name is empty"],
  ["images ./folder", "it has no Chart.yaml"],
  ["images ./library", "it is a library, which installs nothing. Name the chart that uses it"],
  ["images ./binary.dat", "it is no chart archive"],
  ["images ./empty.yaml", "it is no chart archive"],
  ["images ./app -f none.yaml", "there is no such file or folder"],
  ["images ./app -f ./folder", "it is a folder, no file"],
  ["images ./app -f broken.yaml", "Write it as YAML, with a map at the top"],
  ["images ./app -f list.yaml", "it is no map of values"],
  ["images ./app -f binary.dat", "Write it as YAML"],
  ["images ./app --set a", "a key has no value"],
  ["images ./app --set-json a={", "the value is no JSON"],
  ["images ./app --set-file a=none", "there is no such file or folder"],
  ["images ./app --kube-version new", "Write --kube-version as 1.34 or 1.34.0"],
  ["images ./app --release-name A_B", "Give the release another name"],
  ["images ./app --registries none.yaml", "there is no such file or folder"],
  ["images ./app --registries ./folder", "it is a folder, no file"],
  ["images ./app --registries empty.yaml", "it holds no list"],
  ["images ./app --registries binary.dat", "Write a YAML list"],
  ["images ./app --registries list.yaml", "an entry is no map"],
  ["images ./app --registries noHost.yaml", "an entry has no host"],
  ["images ./app --registries scheme.yaml", "is no host"],
  ["images ./app --registries port.yaml", "is no host"],
  ["images ./app --registries unknownKey.yaml", "unknown key insecure"],
  ["images ./app --registries noFile.yaml", "none.pem"],
  ["images nginx --repo nonsense", "it is no URL with http or https"],
  ["images nginx --repo http://127.0.0.1:1/charts", "it refused the connection"],
  ["images nginx --repo <HTTP>", "it answers with HTTP 404"],
  ["images nginx --repo <HTTPS>", "it does not answer with TLS"],
  ["images bitnami/nginx", "helm repo add bitnami URL"],
  ["images oci://<REGISTRY>/charts/web --registries plain.yaml", "its registry has nothing of that name"],
  ["images oci://<REGISTRY>/charts/web --version 1.0.0 --registries plain.yaml", "nothing of that name"],
  ["images ./app --cluster", "exclude each other"],
  ["plan ./app", "required option '--to <host[/path]>'"],
  ["plan ./app --to https://m.example.com", "it has a scheme"],
  ["plan ./app --to m.example.com:70000", "ports are from 1 to 65535"],
  ["plan ./app --to m.example.com/app:1", "a mirror has neither tag nor digest"],
  ["plan ./app --to m.example.com/Team", "no upper-case letters"],
  ["plan ./app --to registry", "neither a dot nor a port"],
  ["plan ./app <TO> --platform linux", "Write it as linux/amd64"],
  ["plan ./app <TO> --against none", "there is no such file or folder"],
  ["plan ./app <TO> --against ./folder", "it is a folder, no file"],
  ["plan ./app <TO> --against text.txt", "it is no lock file of chart-mirror"],
  ["plan ./app <TO> --extra-image a:b:c", "is not a tag"],
  ["plan ./app <TO> --upstream x", "is not a registry host"],
  ["values ./app <TO> --values-out /none/v.yaml", 'there is no such file or folder ("/none")'],
  ["values ./app <TO> --values-out ./folder", "it is a folder, no file"],
  ["values ./app <TO> --values-out ./app/values.yaml", "which this run reads"],
  ["values ./app <TO> --chart-out ./app", "which this run reads|what this run reads"],
  ["copy", "Give --to HOST[/PATH]"],
  ["copy <TO>", "there is nothing to copy"],
  ["copy docker://quay.io/a/b:1 <TO>", "references have no docker:// in front"],
  ["copy quay.io/a/b@sha256:abc <TO>", "is not a digest"],
  ["copy ./app ./library <TO>", "one chart at a time"],
  ["copy a:1 <TO> --concurrency 0", "is no number from 1 to 1000"],
  ["copy a:1 <TO> --username x", "--username and --password-stdin need each other"],
  ["copy a:1 <TO> --username x --password-stdin", "standard input is empty"],
  ["copy a:1 <TO> --ca-file none.pem", "Name a file in PEM form"],
  ["copy a:1 <TO> --plain-http-source https://x", "is not a registry host"],
  ["save ./app", "required option '--out <file>'"],
  ["save --out x.tar", "there is nothing to save"],
  ["load none.tar <TO>", "there is no such file or folder"],
  ["load text.txt <TO>", "before the end of the archive"],
  ["load ./app <TO>", 'it has no "oci-layout"'],
  ["prune <TO>", "nothing says what of the mirror is needed"],
  ["prune <TO> --lock none", "there is no such file"],
  ["prune <TO> --lock text.txt", "it is no lock file of chart-mirror"],
  ["prune <TO> --lock text.txt --keep-days soon", "is no number of days"],
  ["node-config k3s", "required option '--to <host[/path]>'"],
  ["node-config nonsense <TO>", "Allowed choices are"],
  ["completion tcsh", "Allowed choices are bash, zsh, fish"],
])("%s", async (line, words) => {
  const { port } = web.address() as AddressInfo;
  const places: Record<string, string> = {
    "<EMPTY>": "",
    "<HTTP>": `http://127.0.0.1:${port}/charts`,
    "<HTTPS>": `https://127.0.0.1:${port}/charts`,
  };
  const args = line
    .split(" ")
    .filter((word) => word !== "")
    .flatMap((word) => (word === "<TO>" ? TO : [places[word] ?? word.replace("<REGISTRY>", registry.host)]));
  const { code, out, err } = await run(args);
  expect({ code: code === 0 ? "nothing was done, and it says so" : "an error", out }).toEqual({
    code: "an error",
    out: "",
  });
  expect(words.split("|").some((one) => err.includes(one)) || err).toBe(true);
  expect(err).not.toMatch(/^\s+at .*:\d+:\d+\)?$|undefined|\[object|routines:|\.chart-mirror-/m);
  // Where to read on.
  expect(err).toMatch(/^See \S+#[a-z_]+$|--help says|^Usage: /m);
});
