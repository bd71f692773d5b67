import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askCredentialHelper } from "../../../src/oci/auth/credentialHelper";
import { failure } from "../fixture";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "helper-"))));
afterEach(() => rm(folder, { recursive: true }));

async function helper(script: string, timeoutMs?: number) {
  const file = join(folder, "docker-credential-test");
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return askCredentialHelper("test", "a.io", { PATH: `${folder}:${process.env.PATH}` }, timeoutMs);
}

it("gets the server on its standard input and answers JSON", async () => {
  const answer = await helper(`read server; echo "{\\"Username\\":\\"$* $server\\",\\"Secret\\":\\"s\\"}"`);
  expect(answer).toEqual({ username: "get a.io", secret: "s" });
});

it.each([
  "credentials not found in native keychain",
  "error getting credentials - err: exit status 1, out: 'credentials not found'",
  "The specified item could not be found in the keychain.",
  "Error: a.io is not in the password store.",
  "no credentials for a.io",
  "pass not initialized: exit status 1: Error: password store is empty. Try pass init",
  "pass store is uninitialized",
  "Not Found",
])("may know nothing, and say so on either output: %s", async (words) => {
  for (const output of ["", " >&2"]) expect(await helper(`echo "${words}"${output}; exit 1`)).toBeUndefined();
});

it.each(["{}", '{"ServerURL":"a.io","Username":"","Secret":""}'])("may know nothing, and say %s", async (answer) => {
  expect(await helper(`echo '${answer}'`)).toBeUndefined();
});

it.each([
  "docker-credential-test: line 2: aws: command not found",
  "sh: 1: aws: not found",
  'exec: "pass": executable file not found in $PATH',
  "fork/exec /usr/bin/pass: no such file or directory",
])("that lacks something itself has failed: %s", async (words) => {
  const error = await failure(helper(`echo '${words}' >&2; exit 1`));
  expect(error).toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
});

it.each([
  ["fails", "echo top-secret; exit 3", "code 3"],
  ["answers no JSON", "echo top-secret", "not the JSON"],
  ["answers half", `echo '{"Secret":"top-secret"}'`, "not the JSON"],
])("that %s is named, its output is not repeated", async (_, script, reason) => {
  const error = await failure(helper(script));
  expect(error.code).toBe("CREDENTIALS_UNREADABLE");
  expect(error.message).toContain("docker-credential-test");
  expect(error.message).toContain(reason);
  expect(error.message).not.toContain("top-secret");
});

it("that never answers is ended, and named", async () => {
  const pid = join(folder, "pid");
  const error = await failure(helper(`echo $$ > ${pid}; exec sleep 600`, 1000));
  expect(error).toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
  expect(error.message).toContain("docker-credential-test");
  expect(error.message).toContain("gave no answer for 1 s");
  const isRunning = async (): Promise<boolean> => {
    const text = await readFile(`/proc/${(await readFile(pid, "utf8")).trim()}/stat`, "utf8").catch(() => "gone) Z");
    return !/\) [ZX]/.test(text);
  };
  while (await isRunning()) await new Promise((resolve) => setTimeout(resolve, 10));
});

it("that writes without end is ended", async () => {
  const error = await failure(helper("exec yes top-secret"));
  expect(error).toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
  expect(error.message).toContain("more than");
  expect(error.message).not.toContain("top-secret");
});

it("may end without reading, answer for nobody, or answer a token", async () => {
  const json = (username: string, secret: string) => `echo '${JSON.stringify({ Username: username, Secret: secret })}'`;
  expect(await helper(`exec <&-; ${json("u", "s")}`)).toEqual({ username: "u", secret: "s" });
  expect(await helper(json("u", ""))).toBeUndefined();
  expect(await helper(json("<token>", "t"))).toEqual({ username: "<token>", secret: "t" });
});

it("that is missing, or has no name of one, is an error", async () => {
  const environment = { PATH: folder };
  expect((await failure(askCredentialHelper("none", "a.io", environment))).message).toContain("not on the PATH");
  expect((await failure(askCredentialHelper("../evil", "a.io", environment))).message).toContain("no name");
});
