import { PolicyPack } from "@pulumi/policy";
import { mirrorPolicies } from "pulumi-chart-mirror/policy";

new PolicyPack("images", {
  policies: mirrorPolicies({
    mirrors: ["registry.example.com/platform"],
    ignoreImages: ["registry.k8s.io/pause:*"],
    ignoreNamespaces: ["kube-system"],
  }),
});
