import { readPolicyMessage } from "../../../src/kubernetes/admission/policyMessage";

const END = ", outside the mirror (r.test/p/). Name the image there";

it.each([
  [
    "one image",
    `container web would pull nginx:1${END}`,
    { images: [{ container: "container web", image: "nginx:1" }], more: 0 },
  ],
  [
    "images of all places",
    `init container a would pull x:1; ephemeral container debugger would pull y; volume data would pull q.test/z@sha256:0${END}`,
    {
      images: [
        { container: "init container a", image: "x:1" },
        { container: "ephemeral container debugger", image: "y" },
        { container: "volume data", image: "q.test/z@sha256:0" },
      ],
      more: 0,
    },
  ],
  [
    "images that are only counted",
    `container web would pull nginx:1; and 99 more${END}`,
    { images: [{ container: "container web", image: "nginx:1" }], more: 99 },
  ],
  [
    "the words of an API server that refuses",
    `pods "x" is forbidden: ValidatingAdmissionPolicy 'chart-mirror-1' with binding 'chart-mirror-1-deny' denied request: container web would pull nginx:1${END}`,
    { images: [{ container: "container web", image: "nginx:1" }], more: 0 },
  ],
  [
    "an image that is written like a message, by its own words alone",
    `container web would pull a, outside the mirror (x). b would pull c:1${END}`,
    undefined,
  ],
  ["another message", "container web would pull nginx:1", undefined],
  ["nothing that the policy says", `something else${END}`, undefined],
])("reads %s", (_, message, read) => {
  expect(readPolicyMessage(message)).toEqual(read);
});
