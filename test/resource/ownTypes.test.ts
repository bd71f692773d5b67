import * as pulumi from "@pulumi/pulumi";
import { ChartPush } from "../../src/copy/chartPush";
import { ImageCopy } from "../../src/copy/imageCopy";
import { ImageCopyJob } from "../../src/copy/kubernetesJob/imageCopyJob";
import { ObjectContribution } from "../../src/kubernetes/contribution/objectContribution";
import { PullCheck } from "../../src/kubernetes/pullCheck";
import { OWN_RESOURCES, ownResource, startOwnProvider } from "../../src/resource/ownResource";
import { chosen, componentKind, componentTypes, ownComponent, resourceTypes } from "../../src/resource/ownTypes";
import { thrownBy } from "../oci/fixture";
import { mockedEngine } from "../support/providers/mockedEngine";

const engine = mockedEngine();

it.each(Object.keys(OWN_RESOURCES) as (keyof typeof OWN_RESOURCES)[])("%s is dynamic in a program", (kind) => {
  const own = ownResource(kind, { protect: true });
  expect(own.type).toBe(`pulumi-nodejs:dynamic/chart-mirror:${kind}`);
  expect(own.opts).toEqual({ protect: true, aliases: [{ type: `chart-mirror:index:${kind}` }] });
  expect(own.inputs["__provider"]).toContain(`.${OWN_RESOURCES[kind]};`);
});

it("the types that policies match are those", () => {
  for (const type of [ImageCopy, ImageCopyJob, ChartPush, PullCheck, ObjectContribution])
    expect(type.type).toBe(resourceTypes(type.name).program);
});

it("either type is an alias of the other, beside those of the program", () => {
  const types = componentTypes("MirroredRelease");
  const given = { aliases: [{ name: "old" }] };
  expect(ownComponent("MirroredRelease", given)).toEqual({
    type: "pulumi-chart-mirror:index:MirroredRelease",
    opts: { aliases: [{ name: "old" }, { type: "chart-mirror:index:MirroredRelease" }] },
  });
  expect(chosen(types, true, given)).toEqual({
    type: "chart-mirror:index:MirroredRelease",
    opts: { aliases: [{ name: "old" }, { type: "pulumi-chart-mirror:index:MirroredRelease" }] },
  });
  expect(given.aliases).toHaveLength(1);
});

it.each([
  ["pulumi-chart-mirror:index:MirroredChart", "MirroredChart"],
  ["chart-mirror:index:MirroredChart", "MirroredChart"],
  ["kubernetes:helm.sh/v4:Chart", undefined],
  [undefined, undefined],
])("of the type %s the kind is %s", (type, kind) => {
  expect(componentKind({ __pulumiType: type } as unknown as pulumi.Resource)).toBe(kind);
});

describe("the stack's configuration", () => {
  const KEY = "pulumi-chart-mirror:resources";
  const set = (value: string) => pulumi.runtime.setAllConfig({ [KEY]: value });
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it.each([
    ["plugin", resourceTypes("ImageCopy").plugin],
    ["program", resourceTypes("ImageCopy").program],
  ])("chooses resources of the %s, and what is started for them", async (value, type) => {
    set(value);
    expect(ownResource("ImageCopy", {}).type).toBe(type);
    startOwnProvider();
    await pulumi.runtime.disconnect();
    expect(engine.called).toEqual([{ token: type, inputs: {} }]);
  });

  it.each(["plugins", "Plugin", "true", ""])("is refused where it chooses nothing: %j", (value) => {
    set(value);
    expect(thrownBy(() => ownResource("ImageCopy", {}))).toMatchObject({
      code: "INVALID_CONFIGURATION",
      message: expect.stringContaining(`${KEY} is ${JSON.stringify(value)}`) as string,
    });
  });
});
