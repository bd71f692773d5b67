import fc from "fast-check";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { pathSegment } from "../../src/files/pathSegment";

describe("pathSegment", () => {
  it.each([
    "web",
    "my chart",
    "..web",
    "web..",
    ".github",
    "a:5000",
    "[::1]:5000",
    "ünï",
    "-x",
    "__proto__",
    "a".repeat(255),
  ])("takes %j as it is", (name) => expect(pathSegment(name, "a chart")).toBe(name));

  it.each([
    ["", "it is empty"],
    [".", "it stands for a folder"],
    ["..", "it stands for a folder"],
    [".. .", "it stands for a folder"],
    ["../x", "it has a slash"],
    [".git", "it stands for a repository of git"],
    [".GIT. ", "it stands for a repository of git"],
    ["git~1", "it stands for a repository of git"],
    ["/etc", "it has a slash"],
    ["a\\..\\b", "it has a slash"],
    ["a\0b", "it has a control character"],
    ["a\nb", "it has a control character"],
    ["a".repeat(256), "it is longer than 255 bytes"],
    ["ü".repeat(128), "it is longer than 255 bytes"],
  ])("refuses %j, and says of what it is the name", (name, reason) => {
    const take = () => pathSegment(name, "the chart x.tgz");
    expect(take).toThrow(expect.objectContaining({ code: "UNSAFE_NAME" }) as Error);
    expect(take).toThrow(`of the chart x.tgz cannot be used: ${reason}`);
  });

  it("never lets a name out of its folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "segment-"));
    const part = fc.constantFrom(".", "..", "/", "\\", " ", "a", "\0", "%2F", "C:", "~");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 6 }).map((parts) => parts.join("")),
        ),
        (name) => {
          let segment: string;
          try {
            segment = pathSegment(name, "a chart");
          } catch {
            return;
          }
          const path = resolve(folder, segment);
          expect([dirname(path), basename(path)]).toEqual([folder, name]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
