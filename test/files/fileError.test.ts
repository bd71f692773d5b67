import { mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failureReason, fileAccessError, fileRefusal } from "../../src/files/fileError";

const refused = (code: string, syscall = "open", path?: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: node's words, ${syscall}`), { code, syscall, ...(path && { path }) });

describe("what the file system refuses", () => {
  it.each([
    ["EMFILE", /^reading \/x failed: EMFILE: this process has as many files open as it may .*\. Allow .*ulimit -n/],
    ["ENFILE", /as many files open .*ulimit -n/],
    ["ENOSPC", /^reading \/x failed: ENOSPC: the disk is full \("\/x"\)\. Make room/],
    ["EDQUOT", /Make room/],
    ["EACCES", /EACCES: this user may not do that .* Check the path/],
    ["EPERM", /EPERM: this user may not/],
    ["EROFS", /EROFS: the file system can only be read/],
    ["ENAMETOOLONG", /ENAMETOOLONG: the name is longer than/],
    ["EISDIR", /EISDIR: it is a folder, no file/],
    ["ENOTDIR", /ENOTDIR: a part of the path is no folder/],
    ["ELOOP", /ELOOP: links lead in a circle/],
    ["ENOENT", /ENOENT: there is no such file/],
  ])("is told in words: %s", (code, message) => {
    const told = fileAccessError(refused(code, "read", "/x"));
    expect(told).toMatchObject({ code: "FILE_ACCESS_FAILED", message: expect.stringMatching(message) as string });
  });

  it.each<[string, unknown]>([
    ["a fault of a program", new TypeError("x is undefined")],
    ["a refused connection", refused("ECONNREFUSED", "connect")],
    ["a socket that may not be reached", refused("EACCES", "connect")],
    ["an unknown code", refused("EWHAT")],
    ["a code without a system call", Object.assign(new Error("x"), { code: "ENOENT" })],
    ["nothing", undefined],
    ["a text", "ENOENT"],
  ])("is not %s", (_, error) => {
    expect(fileRefusal(error)).toBeUndefined();
    expect(fileAccessError(error)).toBeUndefined();
  });

  it("is told of a program that cannot be started, too", () =>
    expect(fileAccessError(refused("EACCES", "spawn /opt/helm", "/opt/helm"))?.message).toMatch(
      /^starting \/opt\/helm failed: EACCES/,
    ));

  it("names both ends of what is copied or moved", () => {
    const error = Object.assign(refused("ENOSPC", "copyfile", "/a"), { dest: "/b" });
    expect(fileAccessError(error)?.message).toMatch(/^copying \/a failed: ENOSPC: the disk is full \("\/a" to "\/b"\)/);
  });

  it("tells every other reason as it is", () => {
    expect(failureReason(new Error("no map"))).toBe("no map");
    expect(failureReason("a text")).toBe("a text");
    expect(failureReason(refused("EISDIR", "read"))).toBe("EISDIR: it is a folder, no file");
  });

  it("has the form that it has in Node.js", async () => {
    const folder = await mkdtemp(join(tmpdir(), "refusal-"));
    try {
      await writeFile(join(folder, "file"), "");
      await symlink(join(folder, "loop"), join(folder, "loop"));
      const errors = await Promise.all(
        [
          readFile(folder),
          readFile(join(folder, "nothing")),
          readFile(join(folder, "file", "below")),
          readFile(join(folder, "loop")),
          readFile(join(folder, "n".repeat(300))),
          readdir(join(folder, "file")),
          open(join(folder, "file"), "wx"),
        ].map((call) => (call as Promise<unknown>).then(() => undefined, (error: unknown) => error)), // prettier-ignore
      );
      expect(errors.map((error) => fileRefusal(error)?.reason.split(":")[0])).toEqual(
        ["EISDIR", "ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "ENOTDIR", "EEXIST"], // prettier-ignore
      );
      const socket = connect(join(folder, "no-socket"));
      const failure = await new Promise((done) => socket.on("error", done));
      expect(fileRefusal(failure)).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
