import { parseReference } from "../../../src/image/reference";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { Registries } from "../../../src/oci/registries";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ScriptedRegistry } from "../../support/registry/scriptedRegistry";

let source: ScriptedRegistry;
let target: TestRegistry;
let registries: Registries;
beforeEach(async () => {
  [source, target] = await Promise.all([
    new ScriptedRegistry().listen(),
    startRegistry({ behaviour: { singlePost: false } }),
  ]);
  registries = new Registries({ access: [source.host, target.host].map((host) => ({ host, plainHttp: true })) });
});
afterEach(async () => {
  registries.close();
  await Promise.all([source.close(), target.close()]);
});

const holdImage = (tag: string): void => {
  const config = source.hold({ architecture: "amd64", os: "linux", author: tag }, MediaType.OCI_CONFIG);
  source.hold({ schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, config, layers: [] }, MediaType.OCI_MANIFEST, tag);
};
const copy = (tag: string) =>
  registries.copy(parseReference(`${source.host}/a:${tag}`), parseReference(`${target.host}/b:${tag}`));
const begun = (): number => target.requests.count({ method: "POST", path: /\/uploads\/$/ });

it("a registry that wants an upload begun before is asked for it while a small blob is read", async () => {
  holdImage("1");
  holdImage("2");
  await copy("1");
  const before = begun();
  source.says((request, response, url) => {
    // The blob comes when its upload has begun, and not before.
    if (request.method !== "GET" || !url.pathname.includes("/blobs/") || begun() > before) return "ignored";
    const look = setInterval(() => {
      if (begun() === before) return;
      clearInterval(look);
      response.writeHead(307, { location: url.pathname }).end();
    }, 1);
    response.on("close", () => clearInterval(look));
    return undefined;
  });
  await copy("2");
  expect(begun()).toBe(before + 1);
  expect(target.tag("b", "2")).toBeDefined();
});

it("an upload that was begun for a blob that does not come is not gone on with", async () => {
  holdImage("1");
  holdImage("2");
  await copy("1");
  const commits = (): number => target.requests.count({ method: "PUT", path: /\/blobs\// });
  const before = commits();
  source.says((_, response, url) => {
    if (!url.pathname.includes("/blobs/")) return "ignored";
    return void response.writeHead(404).end();
  });
  await expect(copy("2")).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  expect(commits()).toBe(before);
  expect(target.tag("b", "2")).toBeUndefined();
});
