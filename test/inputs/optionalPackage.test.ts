import { MissingPackageError, optionalPackage } from "../../src/inputs/optionalPackage";

const notFound = (what: string) =>
  Object.assign(new Error(`Cannot find module '${what}'\nRequire stack:\n- /a/@pulumi/aws/ecr/index.js`), {
    code: "MODULE_NOT_FOUND",
  });
const load = (error: Error) => () =>
  optionalPackage("EcrRegistry", "@pulumi/aws", () => {
    throw error;
  });

describe("optionalPackage", () => {
  it("returns what is loaded", () => expect(optionalPackage("X", "p", () => 1)).toBe(1));

  it.each(["@pulumi/aws", "@pulumi/aws/ecr"])("says how to install it when %s is missing", (name) => {
    expect(load(notFound(name))).toThrow(MissingPackageError);
    expect(load(notFound(name))).toThrow(
      "EcrRegistry needs the package @pulumi/aws, which is not installed. Run: npm install @pulumi/aws",
    );
  });

  it.each([notFound("mime"), new SyntaxError("broken '@pulumi/aws'")])("passes another failure on: %s", (error) => {
    expect(load(error)).toThrow(error);
  });
});
