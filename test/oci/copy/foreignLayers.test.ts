import { makeImage, pushImage, seededBlob } from "../../support/images";
import type { TestRegistry } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";

import { writes } from "./copies";

const fixture = new Fixture();

describe("foreign layers", () => {
  const make = (server: TestRegistry) =>
    makeImage({
      layers: [
        { size: 1000, seed: 1 },
        { foreign: { urls: [`${server.url}/v2/layers/blobs/${seededBlob(4000, "w").digest}`], size: 4000, seed: "w" } },
      ],
    });

  it("stay where they are by default", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    const image = make(source);
    await pushImage(source, "a:1", image);
    const result = await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"));
    expect(target.tag("a", "1")).toBe(image.digest);
    expect(result.bytesCopied).toBe(image.size);
  });

  it("are refused on request, before anything is written", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", make(source));
    const copy = fixture
      .client([source, target])
      .copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "refuse" });
    expect(await failure(copy)).toMatchObject({ code: "FOREIGN_LAYER" });
    expect(writes(target)).toEqual([]);
  });

  it("that the target does not take are told as what they are", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    await pushImage(source, "a:1", make(source));
    target.faults.add({
      match: { method: "PUT", path: /manifests/, times: Infinity },
      action: { kind: "answer", status: 500, body: '{"errors":[{"code":"UNKNOWN","message":"unknown error"}]}' },
    });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1")));
    expect(error.code).toBe("FOREIGN_LAYER_REFUSED");
    expect(error.message).toMatch(new RegExp(`${seededBlob(4000, "w").digest}.*status 500.*urls\\.allow`));
    expect(target.tags("a")).toEqual([]);
  });

  it("are copied on request, from their owner where the registry lacks them", async () => {
    const [source, target] = await fixture.pair();
    const layer = seededBlob(4000, "w");
    await source.putBlob("layers", layer.digest, layer.read());
    await pushImage(source, "a:1", make(source));
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "copy" });
    expect(await target.blob("a", layer.digest)).toHaveLength(4000);
  });
});
