import { inspect } from "node:util";
import * as fc from "fast-check";
import { parseHost } from "../../src/cli/options/copyCommandOptions";
import { parseMirror, parseUpstreamMapping } from "../../src/cli/options/mirrorOption";
import { hideLogin, holdsLogin } from "../../src/image/addressLogin";
import { parseReference } from "../../src/image/reference";

const HEX = "0f".repeat(32);

describe("hideLogin", () => {
  it.each([
    ["user:pw@r.io", "***@r.io"],
    ["user:pw@r.io/team/app:1", "***@r.io/team/app:1"],
    [`user:pw@r.io:5000/app:1@sha256:${HEX}`, `***@r.io:5000/app:1@sha256:${HEX}`],
    ["user:p@ss@r.io/app", "***@r.io/app"],
    ["user:p/s@r.io/app", "***@r.io/app"],
    ["user:pw@localhost/app", "***@localhost/app"],
    ["user:pw@registry/app:1", "***@registry/app:1"],
    [":pw@r.io", "***@r.io"],
    ["user:pw@", "***@"],
    ["token@r.io/app", "***@r.io/app"],
    ["token@r.io", "***@r.io"],
    ["token@localhost:5000", "***@localhost:5000"],
    ["https://user:pw@r.io/x", "https://***@r.io/x"],
    ["https://token@r.io", "https://***@r.io"],
    ["https://user:p/s@r.io", "https://***@r.io"],
    ["OCI://user:pw@r.io/charts/web", "OCI://***@r.io/charts/web"],
  ])("%s is told as %s", (address, told) => {
    expect([hideLogin(address), holdsLogin(address)]).toEqual([told, true]);
  });

  it.each([
    "",
    "nginx",
    "r.io:5000/app:1",
    `r.io/app:1@sha256:${HEX}`,
    "a@sha256:1",
    `a@SHA256:${HEX}`,
    "nginx@1.27",
    "nginx@latest",
    "quay.io/app@v1.2",
    "https://r.io/x",
    "https://r.io/@scope/x@1.0.tgz",
    "[::1]:5000/a",
  ])("%j stays", (address) => expect([hideLogin(address), holdsLogin(address)]).toEqual([address, false]));

  it("leaves no password, whatever it is made of", () => {
    const secret = fc.string({
      unit: fc.constantFrom("a", "1", "@", "/", ":", "#", "?", "%", ".", " "),
      maxLength: 12,
    });
    const scheme = fc.constantFrom("", "https://", "oci://");
    fc.assert(
      fc.property(secret, scheme, (noise, scheme) => {
        const told = hideLogin(`${scheme}user:S3${noise}S3@r.io/app:1`);
        // A slash behind what can be a port makes a URL of another host, and what follows its path.
        if (scheme !== "" && URL.canParse(`${scheme}user:S3${noise}S3`)) return;
        expect(told).toBe(`${scheme}***@r.io/app:1`);
      }),
    );
  });
});

const reading: [string, (address: string) => unknown][] = [
  ["an image", (address) => parseReference(`${address}/app:1`)],
  ["an image with a digest", (address) => parseReference(`${address}/app:1@sha256:${HEX}`)],
  ["--to", (address) => parseMirror(address)],
  ["--to with a path", (address) => parseMirror(`${address}/team`)],
  ["--to with a scheme", (address) => parseMirror(`https://${address}`)],
  ["--upstream", (address) => parseUpstreamMapping(`${address}/team=hub`)],
  ["--upstream without a path", (address) => parseUpstreamMapping(address)],
  ["--upstream as a path", (address) => parseUpstreamMapping(`r.io=${address}`)],
  ["a host", (address) => parseHost(address)],
];
const written = ["user:s3cr3t@r.io", "user:s3c@s3cr3t@r.io", "user:s3c/s3cr3t@r.io:5000", "s3cr3t@r.io"];

it.each(reading.flatMap(([what, read]) => written.map((address) => [what, address, read] as const)))(
  "%s with the login of %s is refused without telling it",
  (_, address, read) => {
    let error: unknown;
    try {
      read(address);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3c/);
    expect((error as Error).message).toMatch(/r\.io/);
    expect((error as Error).message).toMatch(/login/i);
  },
);
