// Nine suites: `unit` is pure and quick; `engine` runs the real Pulumi engine with doubles for cloud plugins; `packaging`
// installs the package as its users do, with every package manager and Node.js; `registries` copies into every real
// registry that can be built; `languages` runs programs of docs/languages.md; `frontend` opens pages in Chromium and completes
// in shells, `site` reads the documentation's site (Debian); `cluster` (Linux,
// root) runs a real API server, kubelet and containerd; `kubernetes-next` does so with the second pinned Kubernetes, for what
// changes with it. All but the first install their tools on first use.
const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch,
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  moduleNameMapper: { "^pulumi-chart-mirror$": "<rootDir>/src/index.ts" },
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  ...extra,
});

module.exports = {
  testTimeout: 20_000,
  maxWorkers: 2,
  projects: [
    project("unit", [
      "<rootDir>/test/!(engine|cluster|packaging|registries|frontend|languages|site|kubernetes-next|support)/**/*.test.ts",
      "<rootDir>/test/*.test.ts",
      "<rootDir>/test/support/**/*.test.ts",
    ]),
    project("engine", ["<rootDir>/test/engine/**/*.test.ts"]),
    project("registries", [
      "<rootDir>/test/registries/**/*.test.ts",
      "<rootDir>/test/engine/registries/registryConformance.test.ts",
    ]),
    project("packaging", ["<rootDir>/test/packaging/**/*.test.ts"]),
    project("languages", ["<rootDir>/test/languages/**/*.test.ts"]),
    project("frontend", ["<rootDir>/test/frontend/**/*.test.ts"]),
    project("site", ["<rootDir>/test/site/**/*.test.ts"]),
    project("cluster", ["<rootDir>/test/cluster/**/*.test.ts"]),
    project(
      "kubernetes-next",
      ["<rootDir>/test/cluster/admission*.test.ts", "<rootDir>/test/kubernetes-next/**/*.test.ts"],
      { setupFiles: ["<rootDir>/test/support/tools/kubernetesNext.js"] },
    ),
  ],
};
