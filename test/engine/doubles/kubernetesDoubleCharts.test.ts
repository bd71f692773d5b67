import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withChart, type ChartLocation } from "../../support/providers/kubernetes/helm/chart";
import { helmAt, type Helm } from "../../support/providers/kubernetes/helm/helm";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

jest.setTimeout(900_000);

let folder: string;
let helm: Helm;
let repository: Server;
let url: string;
let registry: TestRegistry;
let ca: string;
/** Requests without the right login are refused below `/private`. */
const login = `Basic ${Buffer.from("ada:swordfish").toString("base64")}`;
const passwords: (string | undefined)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "charts-"));
  helm = helmAt(await ensureTool("helm"), { HOME: folder, TMPDIR: folder });
  await writeChart("web", "1.0.0");
  await writeChart("web", "2.0.0", "web-2");
  const packages = join(folder, "packages");
  for (const chart of ["web", "web-2"]) await helm(["package", join(folder, chart), "--destination", packages]);
  await helm(["repo", "index", packages]);

  repository = createServer((request, response) => {
    passwords.push(request.headers.authorization);
    const [, visibility = "", file = ""] = (request.url ?? "").split("/");
    if (visibility === "private" && request.headers.authorization !== login) {
      response.writeHead(401).end();
      return;
    }
    readFile(join(packages, file)).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(repository, "listening");
  url = `http://127.0.0.1:${(repository.address() as AddressInfo).port}`;

  registry = await startRegistry({ tls: true, auth: { scheme: "basic", users: { ada: "swordfish" } } });
  ca = join(folder, "ca.pem");
  await writeFile(ca, registry.ca ?? "");
  const config = join(folder, "login.json");
  const auth = Buffer.from("ada:swordfish").toString("base64");
  await writeFile(config, JSON.stringify({ auths: { [registry.host]: { auth } } }));
  const target = `oci://${registry.host}/charts`;
  await helm(["push", join(packages, "web-1.0.0.tgz"), target, "--ca-file", ca, "--registry-config", config]);
});
afterAll(async () => {
  repository.close();
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

async function writeChart(name: string, version: string, into = name): Promise<void> {
  await mkdir(join(folder, into, "templates"), { recursive: true });
  await writeFile(join(folder, into, "Chart.yaml"), `apiVersion: v2\nname: ${name}\nversion: ${version}\n`);
  await writeFile(join(folder, into, "templates/it.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: it }\n");
}

type Given = Partial<Omit<ChartLocation, "repository">> & { repository?: Partial<ChartLocation["repository"]> };

function version(given: Given): Promise<string> {
  const none = { repo: "", username: "", password: "", caFile: "", certFile: "", keyFile: "" };
  const location = { chart: "web", version: "", verify: false, keyring: "", dependencyUpdate: false, ...given };
  return withChart(helm, { ...location, repository: { ...none, ...given.repository } }, ({ metadata }) =>
    Promise.resolve(metadata.version),
  );
}

const ada = { username: "ada", password: "swordfish" };

describe("a chart comes from", () => {
  it("a folder, or an archive", async () => {
    expect(await version({ chart: join(folder, "web") })).toBe("1.0.0");
    expect(await version({ chart: join(folder, "packages/web-2.0.0.tgz") })).toBe("2.0.0");
  });

  it("a repository, the newest or what a range allows", async () => {
    expect(await version({ repository: { repo: `${url}/public` } })).toBe("2.0.0");
    expect(await version({ repository: { repo: `${url}/public` }, version: "<2" })).toBe("1.0.0");
  });

  it("a repository with a login", async () => {
    expect(await version({ repository: { repo: `${url}/private`, ...ada }, version: "1.0.0" })).toBe("1.0.0");
    expect(passwords).toContain(login);
  });

  it("an OCI registry with a login", async () => {
    const chart = `oci://${registry.host}/charts/web`;
    expect(await version({ chart, version: "1.0.0", repository: { ...ada, caFile: ca } })).toBe("1.0.0");
  });
});

describe("a chart is refused", () => {
  it.each<[string, () => Given, RegExp]>([
    ["from a folder that is not there", () => ({ chart: "./nowhere" }), /path ".\/nowhere" not found/],
    [
      "when the repository lacks it",
      () => ({ chart: "other", repository: { repo: `${url}/public` } }),
      /chart "other" not found in http/,
    ],
    [
      "when the repository lacks the version",
      () => ({ version: "9.9.9", repository: { repo: `${url}/public` } }),
      /chart "web" version "9.9.9" not found in http/,
    ],
    [
      "when the repository with a login lacks the version",
      () => ({ version: "9.9.9", repository: { repo: `${url}/private`, ...ada } }),
      /chart "web" version "9.9.9" not found in http/,
    ],
    ["without the login", () => ({ repository: { repo: `${url}/private` } }), /401/],
    [
      "with another password",
      () => ({ repository: { repo: `${url}/private`, username: "ada", password: "marlin" } }),
      /401/,
    ],
    [
      "by an OCI registry without the login",
      () => ({ chart: `oci://${registry.host}/charts/web`, version: "1.0.0", repository: { caFile: ca } }),
      /basic credential not found/,
    ],
    ["when its Chart.yaml is none", () => ({ chart: join(folder, "broken") }), /chart.metadata.version|validation/],
  ])("%s", async (_, given, message) => {
    await mkdir(join(folder, "broken"), { recursive: true });
    await writeFile(join(folder, "broken/Chart.yaml"), "apiVersion: v2\nname: broken\n");
    await expect(version(given())).rejects.toThrow(message);
  });
});
