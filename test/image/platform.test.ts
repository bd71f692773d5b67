import * as fc from "fast-check";
import { formatPlatform, parsePlatform } from "../../src/image/platform";

it.each([
  ["linux/amd64", { os: "linux", architecture: "amd64" }],
  ["linux/arm/v7", { os: "linux", architecture: "arm", variant: "v7" }],
  ["linux", undefined],
  ["", undefined],
  ["/amd64", undefined],
  ["linux/", undefined],
  ["linux/arm/", undefined],
  ["linux/arm/v7/x", undefined],
])("%j is read as %j", (text, platform) => expect(parsePlatform(text)).toEqual(platform));

it("is written as it is read, without the version of the system", () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  fc.assert(
    fc.property(
      fc.record({ os: word, architecture: word, variant: word }, { requiredKeys: ["os", "architecture"] }),
      (platform) => {
        expect(parsePlatform(formatPlatform({ ...platform, "os.version": "10.0" }))).toEqual(platform);
      },
    ),
  );
});
