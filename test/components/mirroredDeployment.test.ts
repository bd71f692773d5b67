import * as pulumi from "@pulumi/pulumi";
import { formerPlaces } from "../../src/components/mirroredDeployment";
import { mockedEngine } from "../support/providers/mockedEngine";

mockedEngine();

it("takes over what was beside the component, and what pulumi import has put at the root", () => {
  const parent = new pulumi.ComponentResource("test:index:Platform", "platform");
  const root = { parent: pulumi.rootStackResource };
  expect(formerPlaces(undefined)).toEqual([root]);
  const [beside, imported, ...more] = formerPlaces(parent) as { parent: pulumi.Resource }[];
  expect(beside?.parent).toBe(parent);
  expect(imported).toEqual(root);
  expect(more).toEqual([]);
});
