import { describeFailures, type FailedImage } from "../../../src/cli/copy/copyFailures";

const failed = (written: string, message: string): FailedImage => ({
  image: { written, target: `r.test/${written}` },
  error: new Error(message),
});

it.each<[string, FailedImage[], string]>([
  ["an error that names its image", [failed("a:1", "Image a:1 was not found")], "Image a:1 was not found"],
  ["an error that names the target", [failed("a:1", "The tag r.test/a:1 is taken")], "The tag r.test/a:1 is taken"],
  ["an error of the registry", [failed("a:1", "Registry q was lost")], "Registry q was lost\n     image: a:1"],
  [
    "an error that several images have",
    [failed("a:1", "Registry q was lost"), failed("b:2", "Registry q was lost")],
    "Registry q was lost\n     2 images: a:1, b:2",
  ],
  [
    "several errors",
    [
      failed("a:1", "Registry q was lost"),
      failed("c:3", "Image c:3 was not found"),
      failed("b:2", "Registry q was lost"),
    ],
    "copying images: 2 problems\n  1. Registry q was lost\n     2 images: a:1, b:2\n  2. Image c:3 was not found",
  ],
])("tells each reason once, with the images that it keeps: %s", (_, all, text) => {
  expect(describeFailures(all)).toBe(text);
});
