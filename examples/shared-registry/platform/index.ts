// The platform's stack: one registry, to which the stacks of all applications release.
import * as pulumi from "@pulumi/pulumi";
import { EcrRegistry, EcrRepositories } from "pulumi-chart-mirror";

const config = new pulumi.Config();

export const registry = new EcrRegistry("mirror", {
  path: "platform",
  // ECR makes a repository for whatever another stack pushes, so nobody has to know the images beforehand.
  repositories: EcrRepositories.CreateOnPush,
  // Nodes of EKS that may pull. None are needed where they may already.
  pullers: config.getObject<string[]>("nodeRoles") ?? [],
}).reference;
