// Of the jest project `kubernetes-next`: what it starts is the second pinned Kubernetes (kubernetesTool.ts).
process.env.TEST_KUBERNETES = "next";
