/** Whatever of a login the program keeps secret shows in no error and no log: the names of users as well as passwords. */
import { webChart } from "../support/charts/webChart";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage } from "../support/images";

jest.setTimeout(900_000);

const PASSWORD = "a-password-1";
const stage = new MirrorStage({
  images: { "team/web:1.0": makeImage({ layers: [{ size: 500, seed: "web" }] }) },
  source: { auth: { scheme: "basic", users: { "reader-of-payroll": PASSWORD } } },
  mirror: { auth: { scheme: "basic", users: { "robot-of-payroll": PASSWORD, "pods-of-payroll": PASSWORD } } },
});
const CHART = webChart({
  values: "web: quay.io/team/web:1.0\nimagePullSecrets: []\n",
  containers: { web: "{{ .Values.web }}" },
  pullSecrets: true,
});

/** The passwords that are right are left out. */
interface Passwords {
  readonly push?: string;
  readonly pull?: string;
  readonly source?: string;
}
const program = ({ push = PASSWORD, pull = PASSWORD, source = PASSWORD }: Passwords, more = ""): string => `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const login = (name: string, password: string) => ({
    username: pulumi.secret([name, "of-payroll"].join("-")), password: pulumi.secret(password),
  });
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"), plainHttp: true,
    credentials: login("robot", "${push}"), pullCredentials: login("pods", "${pull}"),
  });
  const sourceAccess = [pulumi.secret({
    host: "quay.io", location: config.require("sourceHost"), plainHttp: true, ...login("reader", "${source}"),
  })];
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess, ${more} });
`;

it.each<[string, Passwords]>([
  ["push", { push: "wrong" }],
  ["pull", { pull: "wrong" }],
  ["source", { source: "wrong" }],
])("neither in a preview nor in an update whose login is wrong: %s", async (_, passwords) => {
  const project = await stage.project({ program: { "index.ts": program(passwords), ...CHART } });
  const preview = await project.preview({ expectFailure: true });
  await project.write({ "index.ts": program(passwords, "checkLogins: false") });
  const up = await project.up({ expectFailure: true });
  for (const { errors, stdout, stderr, diagnostics } of [preview, up]) {
    expect(errors).toMatch(/login of user "?\[secret\]"?|as user "?\[secret\]"?/);
    // What the SDK writes for debugging has all inputs.
    const shown = diagnostics.filter(({ severity }) => severity !== "debug").map(({ message }) => message);
    expect([stdout, stderr, ...shown].join("\n")).not.toContain("of-payroll");
  }
});
