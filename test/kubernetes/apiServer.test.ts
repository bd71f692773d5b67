import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { askApiServer, objectIn } from "../../src/cluster/apiServer";

let server: Server;
const asked: object[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const { method, url, headers } = request;
      asked.push({ method, url, login: headers.authorization, type: headers["content-type"], body });
      response.writeHead(418).end('{"kind":"é"}');
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
});
afterAll(() => server.close());

it("asks with the kubeconfig's login, below its server's path, and gives the answer as it is", async () => {
  const { port } = server.address() as AddressInfo;
  const config = {
    getCurrentCluster: () => ({ name: "c", server: `http://127.0.0.1:${port}/below/`, skipTLSVerify: false }),
    applyToHTTPSOptions: (options: { headers?: object }) => {
      options.headers = { authorization: "Bearer t" };
      return Promise.resolve();
    },
  };
  const answer = await askApiServer(config, "PATCH", "/api/v1/pods?a=b", { type: "x/y", content: { a: "ü" } });
  expect(answer).toEqual({ status: 418, text: '{"kind":"é"}' });
  expect(asked).toEqual([
    { method: "PATCH", url: "/below/api/v1/pods?a=b", login: "Bearer t", type: "x/y", body: '{"a":"ü"}' },
  ]);
});

it.each([
  ['{"a":1}', { a: 1 }],
  ["[1]", undefined],
  ["no JSON", undefined],
  ["null", undefined],
])("finds the object in %s", (text, object) => {
  expect(objectIn({ status: 200, text })).toEqual(object);
});
