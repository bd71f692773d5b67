import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Forbids imports that would turn the one-way flow of ../design (image → chart | oci → plan → components) around. */
const layer = (files, ...forbidden) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", { patterns: forbidden.map(([regex, message]) => ({ regex, message })) }],
  },
});
const pulumi = ["^@pulumi/", "This layer is pure: it must not know Pulumi."];
const oci = ["(^|/)oci/", "chart/ must not know registries; take a function as an argument instead."];
const chart = ["(^|/)chart/", "oci/ must not know charts."];
const upper = ["(^|/)(registry|copy|kubernetes|cli|plan)/", "image/ and oci/ are below this layer."];
const components = [
  "(^|/)(registry|copy|kubernetes|cli)/|(chartMirror|mirroredRelease|mirroredChart)$",
  "The components are above this layer.",
];

export default tseslint.config(
  { ignores: ["dist/", "coverage/", "**/node_modules/"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js", "*.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/only-throw-error": "error",
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["**/*.js", "**/*.mjs", "bin/*"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      parserOptions: { projectService: false },
      globals: {
        require: "readonly",
        module: "readonly",
        process: "readonly",
        __dirname: "readonly",
        console: "readonly",
      },
    },
  },
  { files: ["**/*.js", "**/*.mjs"], rules: { "@typescript-eslint/no-require-imports": "off", "no-console": "off" } },
  { files: ["test/**", "examples/**", "bench/**", "scripts/**"], rules: { "no-console": "off" } },
  {
    // What deletes a folder with all that is in it must not get a path that somebody else has chosen.
    files: ["src/**"],
    ignores: ["src/files/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...[
          "ImportDeclaration[source.value=/^(node:)?fs/] ImportSpecifier[imported.name=/^(rm|rmdir|mkdtemp)(Sync)?$/]",
          "ImportDeclaration[source.value=/^(node:)?fs/] > :matches(ImportNamespaceSpecifier, ImportDefaultSpecifier)",
          "MemberExpression[property.name=/^(rm|rmdir|mkdtemp)(Sync)?$/]",
          "ImportDeclaration[source.value=/^(node:)?os$/] ImportSpecifier[imported.name=tmpdir]",
        ].map((selector) => ({
          selector,
          message: "Folders are made and deleted by TemporaryFolder and OutputFolder.",
        })),
      ],
    },
  },
  layer(["src/files/**"], pulumi, oci, chart, upper, components),
  layer(["src/image/**"], pulumi, oci, chart, upper),
  layer(["src/chart/**"], pulumi, oci, components),
  layer(["src/oci/**"], pulumi, chart, upper),
  layer(["src/plan/**"], pulumi, components),
  layer(["src/kubernetes/nodeConfiguration/**"], pulumi, chart, oci, components),
  layer(["src/kubernetes/releaseWatch/**"], pulumi),
  layer(["src/cli/**"], pulumi, [
    "(^|/)(registry|kubernetes(?!/(?:nodeConfiguration|releaseWatch)/))/|(chartMirror|mirroredRelease|mirroredChart)$",
    "cli/ runs without Pulumi.",
  ]),
);
