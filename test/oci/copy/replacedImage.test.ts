import { digestOf } from "../../../src/image/digest";
import { parseReference } from "../../../src/image/reference";
import { Registries } from "../../../src/oci/registries";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";

let registry: TestRegistry;
let registries: Registries;
beforeEach(async () => {
  registry = await startRegistry();
  registries = new Registries({ access: [{ host: registry.host, plainHttp: true }] });
});
afterEach(async () => {
  registries.close();
  await registry.close();
});

it("an image that its publisher has replaced under its tag is not called corrupt", async () => {
  const now = makeImage();
  await pushImage(registry, "team/app:1", now);
  const gone = `${registry.host}/team/app:1@${digestOf("what was there")}`;
  const copied = registries.copy(parseReference(gone), parseReference(`${registry.host}/mirror/app:1`));
  await expect(copied).rejects.toMatchObject({
    code: "IMAGE_NOT_FOUND",
    problem: `Image ${gone} was not found: its tag names ${now.digest} by now`,
    remedy: expect.stringContaining("new digest") as string,
  });
  expect(registry.tag("mirror/app", "1")).toBeUndefined();
});
