import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

it("lets a program end whose API server takes connections and never answers", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const kubeconfig = JSON.stringify({
    "current-context": "one",
    contexts: [{ name: "one", context: { cluster: "c", user: "u" } }],
    clusters: [
      {
        name: "c",
        cluster: {
          server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          // What the client wants to hear before it speaks plain HTTP.
          "insecure-skip-tls-verify": true,
        },
      },
    ],
    users: [{ name: "u", user: { token: "t" } }],
  });
  const place = join(__dirname, "../../../src/kubernetes/releaseWatch/kubernetesReleaseCluster");
  // In a process of its own, whose end is looked at; and jest cannot load the client, which is an ES module.
  const script = `
    const { kubernetesReleaseCluster } = require(${JSON.stringify(place)});
    kubernetesReleaseCluster({ kubeconfig: process.env.LOGIN }, 500)
      .then((cluster) => cluster.releases("shop", { name: "web" }))
      .catch(({ message }) => console.log(message));
  `;
  const run = promisify(execFile)(
    process.execPath,
    ["--require", join(__dirname, "../../support/typescript.js"), "-e", script],
    { env: { ...process.env, LOGIN: kubeconfig }, timeout: 60_000 },
  );
  try {
    expect((await run).stdout).toMatch(
      /^Reading the releases of the namespace shop failed: it has not answered in 0\.5 seconds/,
    );
  } finally {
    server.close();
  }
}, 90_000);
