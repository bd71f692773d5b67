import { MirrorError } from "../../src/error";
import { addressedErrors } from "../../src/provider/addressedErrors";
import { HiddenTexts } from "../../src/provider/hiddenTexts";
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

it("has errors end with the address of what the documentation says of them", async () => {
  const failing = addressedErrors({
    create: () => Promise.reject(new MirrorError("IMAGE_NOT_FOUND", "copying it failed")),
    diff: () => Promise.reject(new Error("no code")),
    delete: () => Promise.resolve(),
  });
  await expect(failing.create({})).rejects.toThrow(/^copying it failed\nSee \S+#image_not_found$/);
  await expect(failing.diff?.("it", {}, {})).rejects.toThrow(/^no code$/);
  await expect(failing.delete?.("it", {})).resolves.toBeUndefined();
  expect(failing.read).toBeUndefined();
});

it("an error that a hidden name was taken out of ends with its address, too, on every Node.js", async () => {
  const hidden = new HiddenTexts();
  hidden.learn([{ host: "r.io", username: "robot-of-payroll", password: "p", hidden: ["username"] }]);
  const error = new MirrorError("LOGIN_REFUSED", "r.io refused robot-of-payroll");
  let { stack } = error;
  // As it is from Node.js 21 on.
  Object.defineProperty(error, "stack", {
    get: () => stack,
    set: (text: string) => (stack = text),
    configurable: true,
  });
  const served = addressedErrors(hidden.provider({ create: () => Promise.reject(error) }));
  const thrown: unknown = await served.create({}).catch((e: unknown) => e);
  expect(thrown).toBe(error);
  for (const text of [error.message, error.stack])
    expect(text).toMatch(/r\.io refused \[secret\]\nSee \S+#login_refused/);
});
