// The platform's stack: one registry, to which the stacks of all applications release.
import * as pulumi from "@pulumi/pulumi";
import { EcrRegistry, EcrRepositories } from "pulumi-chart-mirror";

const config = new pulumi.Config();

export const registry = new EcrRegistry("mirror", {
  path: "platform",
  // ECR makes a repository for whatever another stack pushes, so nobody has to know the images beforehand.
  repositories: EcrRepositories.CreateOnPush,
  // IAM roles of the nodes that may pull, by names of your own. None are needed where they may already.
  pullers: config.getObject<Record<string, string>>("nodeRoles") ?? {},
}).reference;
