import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { MirrorError, MirrorErrors } from "../../src/error";
import { addressed, errorAddress, errorAddresses, messageWithAddresses } from "../../src/machine/errorAddress";

it.each([
  [
    "https://github.com/acme/mirror#readme",
    "https://github.com/acme/mirror/blob/HEAD/docs/reference/errors.md#image_escapes",
  ],
  ["https://mirror.example.com/docs/", "https://mirror.example.com/docs/reference/errors#image_escapes"],
])("is below the homepage %s", (homepage, address) => {
  expect(errorAddress("IMAGE_ESCAPES", homepage)).toBe(address);
});

it("is a file of the package as long as that names no repository, and the file has the heading", () => {
  const [file = "", anchor = ""] = errorAddress("IMAGE_ESCAPES", "https://github.com/OWNER/mirror#readme").split("#");
  expect(existsSync(resolve(file))).toBe(true);
  expect(readFileSync(file, "utf8").toLowerCase()).toContain(`\n## ${anchor}\n`);
});

it("says each of several problems once, and not too many", () => {
  const problems = ["A_B", "A_B", "C_D"].map((code) => new MirrorError(code, "no"));
  const inner = new MirrorErrors("trying", problems);
  expect(errorAddresses(new MirrorErrors("more", [inner, new Error("no code")])).match(/#\w+/g)).toEqual([
    "#a_b",
    "#c_d",
  ]);
  const many = Array.from({ length: 9 }, (_, i) => new MirrorError(`NO_${i}`, "no"));
  expect(errorAddresses(new MirrorErrors("all", many)).split("\n")).toHaveLength(5);
});

it("says what caused an error, too", () => {
  const cause = new MirrorError("LOGIN_REFUSED", "no");
  const error = new MirrorError("PUSH_TRIAL_FAILED", "no", undefined, { cause });
  expect(errorAddresses(error).match(/#\w+/g)).toEqual(["#push_trial_failed", "#login_refused"]);
});

it("goes to the end of what is told of an error that nobody adds to, once", () => {
  const error = new MirrorError("A_B", "no", "Do something");
  const told = messageWithAddresses(error);
  expect(told).toMatch(/^no\. Do something\nSee \S+#a_b$/);
  expect(addressed(addressed(error))).toBe(error);
  expect([error.message, messageWithAddresses(error)]).toEqual([told, told]);
  expect(error.stack?.match(/See /g)).toHaveLength(1);
  const foreign = new Error("no code");
  expect([addressed(foreign).message, addressed("text")]).toEqual(["no code", "text"]);
});
