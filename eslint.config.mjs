import js from "@eslint/js";
import regexp from "eslint-plugin-regexp";
import tseslint from "typescript-eslint";
import { ownKeys } from "./lint/ownKeys.mjs";

/** Syntax that files may not have. The last that is said of a file holds, so each names all of it. */
const restricted = (files, ...syntax) => ({ files, rules: { "no-restricted-syntax": ["error", ...syntax] } });
const PULUMI_LOG = {
  selector: "MemberExpression[object.name='pulumi'][property.name='log']",
  message: "Tell it through componentLog, which shows what strangers wrote instead of obeying it.",
};
const JSON_PARSE = {
  selector: "MemberExpression[object.name='JSON'][property.name='parse']",
  message: "Read JSON with parseJson() of json.ts.",
};
const YAML_LOAD = {
  selector:
    "ImportDeclaration[importKind='value'][source.value='js-yaml'] :matches(ImportDefaultSpecifier, ImportNamespaceSpecifier, ImportSpecifier[imported.name=/^load/])",
  message:
    "Read YAML with parseHelmYaml() of chart/content/helmYaml.ts, or structureIn() of chart/render/textDocuments.ts.",
};

// What deletes a folder with all that is in it must not get a path that somebody else has chosen.
const FOLDERS = [
  "ImportDeclaration[source.value=/^(node:)?fs/] ImportSpecifier[imported.name=/^(rm|rmdir|mkdtemp)(Sync)?$/]",
  "ImportDeclaration[source.value=/^(node:)?fs/] > :matches(ImportNamespaceSpecifier, ImportDefaultSpecifier)",
  "MemberExpression[property.name=/^(rm|rmdir|mkdtemp)(Sync)?$/]",
  "ImportDeclaration[source.value=/^(node:)?os$/] ImportSpecifier[imported.name=tmpdir]",
].map((selector) => ({ selector, message: "Folders are made and deleted by TemporaryFolder and OutputFolder." }));

export default tseslint.config(
  { ignores: ["**/dist/", "coverage/", "**/node_modules/", "site/.vitepress/cache/"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js", "*.mjs", "*.cjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // A part that is loaded with its first use is named where it is loaded: `require("./x") as typeof import("./x")`.
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-require-imports": ["error", { allow: ["^\\.{1,2}/"] }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/only-throw-error": "error",
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    files: ["**/*.js", "**/*.mjs", "**/*.cjs", "bin/*"],
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
  {
    files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
    rules: { "@typescript-eslint/no-require-imports": "off", "no-console": "off" },
  },
  { files: ["test/**", "examples/**", "bench/**", "release/**"], rules: { "no-console": "off" } },
  {
    // Strangers write what these expressions read: their time must grow with the text, not with its square.
    // What these rules cannot see, test/linearExpressions.test.ts tries.
    files: ["src/**"],
    plugins: { regexp },
    rules: {
      "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
      "regexp/no-super-linear-move": ["error", { report: "potential", ignorePartial: false }],
    },
  },
  {
    files: ["src/**"],
    plugins: { local: { rules: { "own-keys": ownKeys } } },
    rules: { "local/own-keys": "error" },
  },
  { files: ["src/ownKeys.ts"], rules: { "local/own-keys": "off" } },
  restricted(["src/**"], PULUMI_LOG, JSON_PARSE, YAML_LOAD, ...FOLDERS),
  restricted(["src/files/**"], PULUMI_LOG, JSON_PARSE, YAML_LOAD),
  restricted(["src/resource/componentLog.ts"], JSON_PARSE, YAML_LOAD, ...FOLDERS),
  restricted(["src/json.ts", "src/chart/content/helmYaml.ts", "src/plan/lock/lockFormat.ts"], PULUMI_LOG, ...FOLDERS),
);
