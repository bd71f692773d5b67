import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { parseReference } from "../../../src/image/reference";
import { Registries, type RegistriesOptions } from "../../../src/oci/registries";
import { failure, FastClock } from "../fixture";

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A listener whose process is stopped, with as many connections as its queue takes: those that come now wait for ever. */
async function full(): Promise<number> {
  const program = `const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      process.stdout.write(server.address().port + "\\n", () => process.kill(process.pid, "SIGSTOP"));
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  ends.push(() => child.kill("SIGKILL"));
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const waiting = Array.from({ length: 8 }, () => connect(Number(line), "127.0.0.1"));
  for (const socket of waiting) ends.push(() => socket.on("error", () => undefined).destroy());
  await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, "connect")));
  return Number(line);
}

/** A listener that takes connections and says nothing. */
async function silent(): Promise<number> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function ask(host: string, options: RegistriesOptions): Promise<Error & { code?: string }> {
  const registries = new Registries({
    clock: new FastClock(),
    stallTimeoutMs: 100,
    retry: { attempts: 2 },
    ...options,
  });
  ends.push(() => registries.close());
  return failure(registries.head(parseReference(`${host}/a:1`)));
}

describe.each([true, false])("with plain http: %s", (plainHttp) => {
  it("a connection that never comes about is given up", async () => {
    const host = `127.0.0.1:${await full()}`;
    const error = await ask(host, { access: [{ host, plainHttp }] });
    expect(error).toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(error.message).toMatch(/the connection timed out/);
  });

  it("a connection on which nothing comes is given up", async () => {
    const host = `127.0.0.1:${await silent()}`;
    expect(await ask(host, { access: [{ host, plainHttp }] })).toMatchObject({ code: "TRANSFER_STALLED" });
  });

  it("a proxy that says nothing is given up", async () => {
    const proxy = `http://127.0.0.1:${await silent()}`;
    const error = await ask("registry.test", {
      access: [{ host: "registry.test", plainHttp }],
      environment: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    });
    expect(error.code).toMatch(plainHttp ? /^TRANSFER_STALLED$/ : /^REGISTRY_UNREACHABLE$/);
  });
});
