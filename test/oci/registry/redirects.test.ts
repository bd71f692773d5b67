import type { LookupFunction } from "node:net";
import { parseReference } from "../../../src/image/reference";
import { HttpTransport } from "../../../src/oci/transport/http";
import { LocalAddressError } from "../../../src/oci/transport/localAddressGuard";
import { Registries } from "../../../src/oci/registries";
import { ScriptedRegistry } from "../../support/registry/scriptedRegistry";
import { failure, FastClock } from "../fixture";

const open: ScriptedRegistry[] = [];
const clients: Registries[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function server(): Promise<ScriptedRegistry> {
  const made = await new ScriptedRegistry().listen();
  open.push(made);
  return made;
}

describe("a place that a server outside names", () => {
  /** Every name means the address. */
  const meaning =
    (address: string): LookupFunction =>
    (_, options, callback) =>
      options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4);
  const get = (transport: HttpTransport, host: string, fromOutside: boolean) =>
    transport.open({
      method: "GET",
      url: new URL(`http://${host}/`),
      headers: {},
      tls: {},
      body: "",
      idleTimeout: 5000,
      fromOutside,
    }).response;

  it.each(["127.0.0.1", "0.0.0.0", "169.254.169.254"])("is not asked where its name means %s", async (address) => {
    const local = await server();
    const transport = new HttpTransport({}, meaning(address));
    const error: unknown = await get(transport, `store.example.com:${local.port}`, true).catch(
      (thrown: unknown) => thrown,
    );
    transport.close();
    expect(error).toBeInstanceOf(LocalAddressError);
    expect(local.asked).toEqual([]);
  });

  it("is not asked over a connection that its user's own request made", async () => {
    const local = await server();
    const transport = new HttpTransport({}, meaning("127.0.0.1"));
    (await get(transport, `localhost:${local.port}`, false)).resume();
    const error: unknown = await Promise.resolve()
      .then(() => get(transport, `localhost:${local.port}`, true))
      .catch((thrown: unknown) => thrown);
    transport.close();
    expect(error).toBeInstanceOf(LocalAddressError);
    expect(local.asked).toHaveLength(1);
  });
});

describe("a registry outside", () => {
  /** One that is reached through a proxy: nobody but the proxy knows its address. */
  async function outside(location: string, access: { internalRedirects?: boolean } = {}) {
    const proxy = await server();
    const client = new Registries({
      access: [{ host: "registry.example.com", plainHttp: true, username: "me", password: "s3cr3t", ...access }],
      environment: { HTTP_PROXY: `http://${proxy.host}` },
      clock: new FastClock(),
      retry: { attempts: 1 },
    });
    clients.push(client);
    proxy.says((request, response) => {
      if (request.headers.host !== "registry.example.com") return void response.writeHead(404).end();
      response.writeHead(307, { location }).end();
    });
    return { proxy, client };
  }
  const image = parseReference("registry.example.com/app:1");

  it.each([
    "http://127.0.0.1/x",
    "http://2130706433/x",
    "http://0x7f.1/x",
    "http://[::ffff:169.254.169.254]/latest",
    "http://localhost./x",
    "http://store.localhost/x",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://10.0.0.1/x",
  ])("is not followed to %s", async (location) => {
    const { proxy, client } = await outside(location);
    const error = await failure(client.head(image));
    expect(error).toMatchObject({ code: "LOCATION_REFUSED", registry: "registry.example.com" });
    expect(error.message).toContain("internalRedirects");
    expect(proxy.asked).toHaveLength(1);
  });

  it("is followed where its user says so, without the login", async () => {
    const { proxy, client } = await outside("http://10.0.0.1/x", { internalRedirects: true });
    await client.head(image);
    expect(proxy.asked.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
    expect(proxy.asked).toHaveLength(2);
  });

  it("sends nobody to a token service inside", async () => {
    const { proxy, client } = await outside("");
    proxy.says((_, response) => {
      response.writeHead(401, { "www-authenticate": 'Bearer realm="http://169.254.169.254/token"' }).end();
    });
    expect(await failure(client.head(image))).toMatchObject({ code: "TOKEN_SERVICE_UNTRUSTED" });
    expect(proxy.asked).toHaveLength(1);
  });
});

it("a registry on this machine may have its store there", async () => {
  const [registry, store] = [await server(), await server()];
  const client = new Registries({ access: [{ host: registry.host, plainHttp: true }] });
  clients.push(client);
  registry.says((_, response) => void response.writeHead(307, { location: `http://${store.host}/x` }).end());
  expect(await client.head(parseReference(`${registry.host}/app:1`))).toBeUndefined();
  expect(store.asked).toHaveLength(1);
});
