import { COMMAND_LINE_WORDS } from "../src/cli/options/commandLineWords";
import { MirrorErrors, type MirrorError } from "../src/error";
import { RenderError } from "../src/chart/render/render";
import { InvalidReferenceError } from "../src/image/reference";
import { CertificateUnreadableError, PlainHttpError, TlsUntrustedError } from "../src/oci/errors/connectionErrors";
import { ArtifactRefusedError } from "../src/oci/errors/imageErrors";
import { LoginRequiredError, TokenServiceUntrustedError } from "../src/oci/errors/loginErrors";
import { MovedTagError } from "../src/plan/tagPolicy";
import { TargetCollisionError } from "../src/plan/targetCollision";

/** Each error whose advice names settings, with the words of programs and those of the command line. */
const ERRORS: [MirrorError, RegExp, RegExp][] = [
  [new TargetCollisionError("m/a:1", ["x/a:1", "y/a:1"]), /keepHost.*ignoreImages/, /--keep-host.*--ignore-image/],
  [
    new RenderError("./shop", { reason: "chart requires kubeVersion: <1.33.0", output: "" }),
    /Name the version of your cluster with kubeVersion/,
    /Name the version of your cluster with --kube-version/,
  ],
  [new MovedTagError("a:1", "sha256:1", "sha256:2"), /tags: "follow".*tags: "pin"/, /--tags follow.*--tags pin/],
  [new TlsUntrustedError("r.io", "expired"), /caCertificate of the registry/, /--ca-file.*--registries/],
  [new CertificateUnreadableError("r.io", "certificate"), /PEM text: the content/, /the name of a file/],
  [
    new LoginRequiredError("r.io", "pulling"),
    /r\.io credentials, or sourceAccess/,
    /docker login r\.io, or .*--username/,
  ],
  [new PlainHttpError("r.io"), /plainHttp: true of the registry/, /--plain-http/],
  [
    new TokenServiceUntrustedError("r.io", "t.io"),
    /tokenServices of the registry/,
    /file of --registries \(tokenServices\)/,
  ],
  [new ArtifactRefusedError("a:1", "x/y", "no"), /ignoreImages/, /--ignore-image/],
  [new InvalidReferenceError("robot:s3cret@r.io/a:1", "x"), /credentials of the registry/, /--password-stdin/],
];

test.each(ERRORS)("%s", (error, program, commandLine) => {
  expect(error.message).toMatch(program);
  expect(error.message).not.toMatch(/--[a-z]/);
  expect(error.inWords(COMMAND_LINE_WORDS)).toMatch(commandLine);
  // What went wrong is the same.
  expect(error.inWords(COMMAND_LINE_WORDS).startsWith(error.problem)).toBe(true);
});

test("several problems are told in the words that are asked for, each of them", () => {
  const errors = ERRORS.slice(0, 2).map(([error]) => error);
  const all = new MirrorErrors("planning", [...errors, new Error("boom")]);
  expect(all.message).toMatch(
    /^planning: 3 problems\n {2}1\. .*keepHost[^]*\n {2}2\. .*kubeVersion;[^]*\n {2}3\. boom$/,
  );
  expect(all.inWords(COMMAND_LINE_WORDS)).toMatch(/1\. .*--keep-host[^]*2\. .*--kube-version[^]*3\. boom$/);
});

test("a chart that does not render for another reason is told to check its values", () => {
  expect(new RenderError("./shop", { reason: "set a name", output: "" }).message).toContain("Check the values");
});

test("an error is told with what else is wrong, as one list, and stays as it is without any", () => {
  const [one, two, three] = ["one", "two", "three"].map((text) => new InvalidReferenceError(text, "x")) as Error[];
  const several = new MirrorErrors("planning", [one as Error, two as Error]);
  expect(MirrorErrors.combined("trying", one, [])).toBe(one);
  const boom = new Error("boom");
  expect(MirrorErrors.combined("trying", boom, [three as Error])).toBe(boom);
  const all = MirrorErrors.combined("trying", several, [three as Error]) as MirrorErrors;
  expect(all.message).toMatch(/^trying: 3 problems/);
  expect(all.problems).toEqual([one, two, three]);
});
