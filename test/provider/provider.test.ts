import { takingBack } from "../../src/provider/takingBack";
import * as provider from "../../src/provider/provider";
import { OWN_RESOURCES } from "../../src/resource/ownResource";

it("exports what serves each resource under the name that states have, and nothing else", () => {
  expect(Object.keys(provider).sort()).toEqual(Object.values(OWN_RESOURCES).sort());
  for (const served of Object.values(provider)) expect(typeof served.create).toBe("function");
});

it("gives a resource that the plugin has made the text by which Pulumi deletes it", async () => {
  const dynamic = takingBack({
    create: () => Promise.resolve({ id: "it" }),
    diff: (_id: string, olds: { target?: string }) =>
      Promise.resolve(olds.target === "another" ? { changes: true, replaces: ["target"] } : { changes: false }),
  });
  const diff = (olds: object) => dynamic.diff?.("it", olds, { __provider: "text" });
  expect(await diff({ __provider: "text" })).toEqual({ changes: false });
  expect(await diff({})).toEqual({ changes: true });
  expect(await diff({ target: "another" })).toEqual({ changes: true, replaces: ["target"] });
});
