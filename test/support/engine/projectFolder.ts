import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** The checkout that the tests belong to. */
export const checkout = resolve(__dirname, "../../..");

/** A Pulumi program: a folder that is copied, or its files by their relative paths. */
export type Program = string | Readonly<Record<string, string>>;

/** Writes files under a folder, making the folders on the way. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/**
 * Lays out a Node.js Pulumi project whose packages are those of the checkout: `pulumi-chart-mirror` is the checkout
 * itself (as built into dist/), and @pulumi/* its dependencies, so that program and package share one SDK. A program whose
 * Pulumi.yaml says another runtime gets nothing of that.
 */
export async function layOutProject(folder: string, name: string, program: Program): Promise<void> {
  const ownProject = typeof program === "string" ? undefined : program["Pulumi.yaml"];
  if (typeof program !== "string" && ownProject !== undefined && !/^runtime: *(?:nodejs|bun)\b/m.test(ownProject))
    return writeFiles(folder, program);
  await writeFiles(folder, {
    "Pulumi.yaml": `name: ${name}\nruntime: nodejs\ndescription: a test\n`,
    "package.json": `${JSON.stringify({ name, private: true }, null, 2)}\n`,
    "tsconfig.json": `${JSON.stringify({ compilerOptions: { strict: true, target: "es2020", module: "node16", moduleResolution: "node16", skipLibCheck: true, types: ["node"] } }, null, 2)}\n`,
  });
  if (typeof program === "string") await cp(program, folder, { recursive: true });
  else await writeFiles(folder, program);

  const modules = join(folder, "node_modules");
  await mkdir(join(modules, "@types"), { recursive: true });
  await symlink(checkout, join(modules, "pulumi-chart-mirror"));
  for (const dependency of ["@pulumi", "@types/node", "typescript", "ts-node"])
    await symlink(join(checkout, "node_modules", dependency), join(modules, dependency));
}
