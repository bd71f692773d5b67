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
    // js-yaml's own rules are others than Helm's: its dates are objects without a key, which equal one another.
    files: ["src/**"],
    // Lock files are this package's own, and have a schema of their own.
    ignores: ["src/chart/helmYaml.ts", "src/plan/lockFormat.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value='js-yaml'] > ImportSpecifier[imported.name=/^load/]",
          message: "Read YAML with chart/helmYaml.ts.",
        },
        {
          selector: "CallExpression[callee.object.name='yaml'][callee.property.name=/^load(All)?$/]",
          message: "Read YAML with chart/helmYaml.ts.",
        },
      ],
    },
  },
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
