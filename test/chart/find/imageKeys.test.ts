import { namesImage, plainlyNamesImage, wordsOf } from "../../../src/chart/find/imageKeys";

describe("namesImage", () => {
  it.each([
    ["image", true, true],
    ["sidecarImage", true, true],
    ["default-sidecar-image", true, true],
    ["KANIKO_IMAGE", true, true],
    ["imageRepository", true, true],
    ["imageName", true, true],
    ["RELATED_IMAGE_PROXY", true, false],
    ["images", true, true],
    ["initImg", true, true],
    ["imagePullPolicy", false, false],
    ["imagePullSecrets", false, false],
    ["image_tag", false, false],
    ["imageRegistry", false, false],
    ["TESTKUBE_IMAGE_DATA_CACHE_KEY", false, false],
    ["INIT_IMAGE_RESOURCES_CPU", false, false],
    ["imageFeatures", false, false],
    ["imagine", false, false],
    ["repository", false, false],
  ])("%s: %s, plainly %s", (key, named, plainly) => {
    expect([namesImage(key), plainlyNamesImage(key)]).toEqual([named, plainly]);
  });

  it.each([
    ["natsStreamingImage", ["nats", "streaming", "image"]],
    ["HTTPProxy_image-name", ["http", "proxy", "image", "name"]],
  ])("takes %s apart", (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });
});
