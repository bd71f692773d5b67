import { acrImportCopy } from "../../src/copy/acrImportCopy";
import type { AccessInput } from "../../src/copy/imageCopyInputs";
import type { ImageToCopy } from "../../src/copy/imageCopyMethod";
import type { Digest } from "../../src/image/digest";
import { parseReference } from "../../src/image/reference";
import type { Credentials } from "../../src/oci/auth/credentials";
import { HttpTransport } from "../../src/oci/transport/http";
import { Registries } from "../../src/oci/registries";
import { DEFAULT_RETRY, Retrier } from "../../src/oci/transport/retry";
import { startAzure, type Azure } from "../support/azure";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(60_000);

const HOST = "contoso1.azurecr.io";
const TARGET = `${HOST}/team/web:1.0`;
const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"] });
const other = makeImage({ layers: [{ size: 100, seed: "other" }] });
const digest = image.digest;

let azure: Azure;
let acr: TestRegistry;
let source: TestRegistry;
let transport: HttpTransport;
let registries: Registries;
let registryId: string;
let slept: number[];
let onSleep: () => void;
let keychain: Credentials | undefined;

beforeEach(async () => {
  source = await startRegistry({ auth: { scheme: "basic", users: { robot: "source-secret" } } });
  await pushImage(source, "team/web:1.0", image);
  azure = await startAzure({ upstreams: { "quay.io": { url: source.url }, "nexus.example.com": { url: source.url } } });
  acr = await azure.startAcr("contoso1");
  registryId = `/subscriptions/${azure.subscription}/resourceGroups/platform/providers/Microsoft.ContainerRegistry/registries/contoso1`;
  await azure.put(registryId, { location: "westeurope", sku: { name: "Basic" }, properties: {} });
  transport = new HttpTransport({});
  registries = new Registries({
    access: [
      { host: HOST, location: acr.host, azureToken: { accessToken: azure.token() }, caCertificates: [azure.ca] },
    ],
  });
  slept = [];
  onSleep = () => undefined;
  keychain = undefined;
});
afterEach(async () => {
  registries.close();
  transport.close();
  await Promise.all([azure, acr, source].map((one) => one.close()));
});

const LOGIN = { host: "quay.io", username: "robot", password: "source-secret" };
const messages: string[] = [];

interface Case {
  source?: string;
  target?: string;
  wanted?: Digest;
  from?: AccessInput | undefined;
  manager?: Partial<NonNullable<AccessInput["resourceManager"]>> | null;
}

function importImage({ manager = {}, wanted = digest, ...given }: Case = {}): Promise<Digest> {
  const from = "from" in given ? given.from : LOGIN;
  const resourceManager = { url: azure.url, registryId, accessToken: azure.token(), ...manager };
  const clock = {
    now: () => slept.reduce((sum, ms) => sum + ms, 0),
    date: () => slept.reduce((sum, ms) => sum + ms, 0),
    sleep: (ms: number) => {
      slept.push(ms);
      onSleep();
      return new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
  const log = (message: string): void => void messages.push(message);
  const toCopy: ImageToCopy = {
    source: { ...parseReference(given.source ?? "quay.io/team/web:1.0"), digest: wanted },
    target: parseReference(given.target ?? TARGET),
    digest: wanted,
    registries,
    access: [{ host: HOST, ...(manager && { resourceManager }) }, ...(from ? [from] : [])],
    log: { info: log, warn: log, status: log },
  };
  const retrier = new Retrier(
    clock,
    () => 0,
    DEFAULT_RETRY,
    () => undefined,
  );
  const method = acrImportCopy({
    transport,
    retrier,
    clock,
    keychain: { credentialsFor: () => Promise.resolve(keychain) },
  });
  return method.copy(toCopy);
}

const imports = () =>
  azure.resources.requests.filter(({ path }) => path.endsWith("/importImage")).map(({ status }) => status);

it("has the registry import by digest, with all platforms, and waits for the end", async () => {
  const release = azure.holdImports();
  onSleep = () => slept.length === 3 && release();
  expect(await importImage()).toBe(digest);
  expect(acr.tag("team/web", "1.0")).toBe(digest);
  expect(await acr.defects("team/web", "1.0")).toEqual([]);
  // As often as Azure asks for.
  expect(slept.slice(0, 3)).toEqual([1000, 1000, 1000]);
  expect(imports()).toEqual([202]);
  // No byte of the image was read or written by this process.
  expect(acr.requests.find().filter(({ method }) => method !== "HEAD" && method !== "POST")).toEqual([]);
});

it("does nothing when the target has the image", async () => {
  await pushImage(acr, "team/web:1.0", image);
  expect(await importImage()).toBe(digest);
  expect(imports()).toEqual([]);
});

it("moves a tag that is there", async () => {
  await pushImage(acr, "team/web:1.0", other);
  await importImage();
  expect(acr.tag("team/web", "1.0")).toBe(digest);
});

it("imports what has a digest alone without a tag", async () => {
  await importImage({ source: `quay.io/team/web@${digest}`, target: `${HOST}/team/web@${digest}` });
  expect(acr.tags("team/web")).toEqual([]);
  expect(acr.has("team/web", digest)).toBe(true);
});

it("imports from where a host's images are really read", async () => {
  await pushImage(source, "proxy/team/web:1.0", image);
  await importImage({ from: { ...LOGIN, location: "nexus.example.com/proxy" } });
  expect(acr.tag("team/web", "1.0")).toBe(digest);
});

it("takes the source's login from the machine where the program gives none", async () => {
  keychain = { kind: "basic", username: "robot", password: "source-secret" };
  await importImage({ from: undefined });
  expect(acr.tag("team/web", "1.0")).toBe(digest);
});

it("waits when Azure limits the rate", async () => {
  azure.resources.throttle(2);
  await importImage();
  expect(imports()).toEqual([429, 429, 202]);
  expect(Math.min(...slept.slice(0, 2))).toBeGreaterThanOrEqual(1000);
});

describe("fails with what helps", () => {
  const cases: [string, () => Case, string, RegExp][] = [
    [
      "a missing permission",
      () => {
        azure.resources.deny("Microsoft.ContainerRegistry/registries/importImage/action");
        return {};
      },
      "AZURE_PERMISSION_MISSING",
      /importImage\/action on \/subscriptions\/.*"Container Registry Data Importer and Data Reader"/,
    ],
    [
      "a token of nobody",
      () => ({ manager: { accessToken: "stale-token" } }),
      "AZURE_LOGIN_REFUSED",
      /tenant and the cloud/,
    ],
    [
      "a token of another tenant",
      () => ({ manager: { accessToken: azure.token(undefined, azure.stranger()) } }),
      "AZURE_LOGIN_REFUSED",
      /InvalidAuthenticationTokenTenant/,
    ],
    [
      "a token for something else",
      () => ({ manager: { accessToken: azure.token("https://vault.azure.net") } }),
      "AZURE_LOGIN_REFUSED",
      /Audience/,
    ],
    [
      "a registry that is not there",
      () => ({ manager: { registryId: registryId.replace(/1$/, "2") } }),
      "ACR_IMPORT_FAILED",
      /ResourceNotFound/,
    ],
    [
      "a wrong password of the source",
      () => ({ from: { ...LOGIN, password: "wrong-secret" } }),
      "ACR_IMPORT_FAILED",
      /Unauthorized.*sourceAccess/,
    ],
    [
      "an image that is not there",
      () => ({ wanted: `sha256:${"0".repeat(64)}` as const }),
      "ACR_IMPORT_FAILED",
      /ManifestNotFound/,
    ],
    [
      "a registry that Azure does not reach",
      () => ({ source: "registry.corp.example/team/web:1.0" }),
      "ACR_IMPORT_FAILED",
      /reached from the internet/,
    ],
    [
      "a source without TLS",
      () => ({ from: { ...LOGIN, plainHttp: true } }),
      "ACR_IMPORT_IMPOSSIBLE",
      /https.*CopyMethod.Process/,
    ],
    [
      "a login that imports do not know",
      () => ({ from: { host: "quay.io", identityToken: "id-secret" } }),
      "ACR_IMPORT_IMPOSSIBLE",
      /user and password alone/,
    ],
    ["a target of another kind", () => ({ manager: null }), "ACR_IMPORT_IMPOSSIBLE", /copyWith on an AcrRegistry/],
  ];
  it.each(cases)("%s", async (_name, arrange, code, text) => {
    const error = await importImage(arrange()).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code });
    const { message } = error as Error;
    expect(message).toMatch(text);
    expect(message).toContain(`/team/web`);
    expect(message).toContain(TARGET);
    expect([message, ...messages].join("\n")).not.toMatch(/entra\.|secret|stale-token/);
  });

  it("an image that is another one in the end", async () => {
    // Somebody pushes to the same tag while it is imported.
    const head = registries.head.bind(registries);
    registries.head = async (reference) => {
      const found = await head(reference);
      return found && { ...found, digest: other.digest };
    };
    await expect(importImage()).rejects.toMatchObject({ code: "ACR_IMPORT_MISMATCH" });
  });

  it("a service that names a place outside of itself", async () => {
    const open: HttpTransport["open"] = (request) => {
      const exchange = transport.open(request);
      const response = exchange.response.then((answer) => {
        if (answer.headers.location) answer.headers.location = "https://evil.example.com/operation";
        return answer;
      });
      return { ...exchange, response };
    };
    const real = transport;
    transport = { open, close: () => real.close() } as HttpTransport;
    await expect(importImage()).rejects.toMatchObject({ code: "AZURE_UNREACHABLE" });
    transport = real;
  });
});
