import { Command } from "commander";
import { analysisCommand, registriesOption } from "../../../src/cli/options/commandOptions";
import { sameCommand } from "../../../src/cli/output/sameCommand";

const verify = registriesOption(analysisCommand(new Command(), "verify", ""));
const CHANGE = { command: "values", without: ["--output"] };
const shown = (...args: string[]): string => sameCommand(["verify", ...args], verify, CHANGE);

it("tells all that was given, in whatever form, but how it is printed", () => {
  expect(shown("./app", "-f", "a b.yaml", "-fc.yaml", "--values=d.yaml", "--registries", "r.yaml", "-o", "json")).toBe(
    "chart-mirror values ./app --values 'a b.yaml' --values c.yaml --values d.yaml --registries r.yaml",
  );
  expect(shown("--to", "r.io/x", "-ojson", "--output=yaml", "--keep-host", "--set-file", "a=b.txt", "app")).toBe(
    "chart-mirror values --to r.io/x --keep-host --set-file a=b.txt app",
  );
  expect(shown("app", "-n", "--output", "--ignore-image", "a/*")).toBe(
    "chart-mirror values app --namespace --output --ignore-image 'a/*'",
  );
});

it("knows an option by both of its names", () => {
  const prune = new Command().option("--lock, --lock-file <file>", "");
  const told = (...args: string[]) => sameCommand(["prune", ...args], prune, { without: [] });
  for (const given of [["--lock", "a"], ["--lock=a"], ["--lock-file", "a"], ["--lock-file=a"]])
    expect(told(...given)).toBe("chart-mirror prune --lock-file a");
});

it("keeps the command where no other is wanted", () => {
  expect(sameCommand(["verify", "app", "--confirm"], verify, { without: ["--confirm"] })).toBe(
    "chart-mirror verify app",
  );
});

it.each(["--set", "--set-string", "--set-json", "--set-literal"])("tells no value of %s", (option) => {
  for (const given of [[option, "a.b=s3cr3t,c=s3cr3t"], [`${option}=a.b=s3cr3t`]])
    expect(shown("app", ...given)).toBe(`chart-mirror values app ${option} 'a.b=…' (… is what you gave there)`);
  expect(shown("app", option, "s3cr3t,a=b")).toBe(`chart-mirror values app ${option} '…' (… is what you gave there)`);
});

it("tells no login of an address", () => {
  const text = shown("oci://u:s3cr3t@r.io/app", "--repo", "https://u:s3cr3t@r.io", "-rhttps://s3cr3t@r.io");
  expect(text).toBe("chart-mirror values 'oci://***@r.io/app' --repo https://r.io/ --repo https://r.io/");
});
