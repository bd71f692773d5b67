import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { dockerAuths } from "../../src/cluster/dockerConfigSecret";
import { ecrRegion } from "../../src/kubernetes/pullSecretRefresher";
import { PULL_TOKEN_SCRIPT } from "../../src/kubernetes/pullTokenScript";

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pull-token-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function command(name: string, text: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}

/** Runs the script in a real shell with an `aws` and a `curl` that write down what they got. */
async function run(env: Record<string, string>): Promise<void> {
  mkdirSync(join(folder, "account"));
  writeFileSync(join(folder, "account", "token"), "api-token");
  const script = PULL_TOKEN_SCRIPT.replace("/var/run/secrets/kubernetes.io/serviceaccount", join(folder, "account"));
  await promisify(execFile)("/bin/sh", ["-c", script], {
    env: {
      PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
      HOME: folder,
      ECR_HOST: HOST,
      ECR_REGION: "eu-west-1",
      SECRET: "pull",
      NAMESPACES: "shop jobs",
      KUBERNETES_SERVICE_HOST: "10.0.0.1",
      KUBERNETES_SERVICE_PORT_HTTPS: "443",
      ...env,
    },
  });
}

describe("PULL_TOKEN_SCRIPT", () => {
  it("patches the Secret of each namespace with the new login beside the others, and shows no secret in arguments", async () => {
    command("aws", `[ "$*" = "ecr get-login-password --region eu-west-1" ] && printf 'dG9rZW4='`);
    command("curl", `echo "$*" >> "$HOME/arguments"`);
    const other = dockerAuths([{ host: "quay.io", username: "robot", password: 'p"\\w' }]);
    await run({ OTHER_LOGINS: `,${JSON.stringify(other).slice(1, -1)}` });
    const patch = JSON.parse(readFileSync(join(folder, "patch"), "utf8")) as { data: Record<string, string> };
    expect(JSON.parse(Buffer.from(patch.data[".dockerconfigjson"] ?? "", "base64").toString())).toEqual({
      auths: { ...dockerAuths([{ host: HOST, username: "AWS", password: "dG9rZW4=" }]), ...other },
    });
    expect(readFileSync(join(folder, "curl"), "utf8")).toBe('header = "Authorization: Bearer api-token"\n');
    const calls = readFileSync(join(folder, "arguments"), "utf8");
    expect(calls).toContain("https://10.0.0.1:443/api/v1/namespaces/shop/secrets/pull\n");
    expect(calls).toContain("https://10.0.0.1:443/api/v1/namespaces/jobs/secrets/pull\n");
    expect(calls).not.toMatch(/api-token|dG9rZW4|robot/);
  });

  it.each([
    [
      "says what the API server said when it refuses",
      `{\n  "kind": "Status",\n  "message": "secrets \\"pull\\" is forbidden: User \\"x\\" cannot patch",\n  "reason": "Forbidden",\n  "code": 403\n}`,
      /the login was not written: secrets \\"pull\\" is forbidden: User \\"x\\" cannot patch\n$/,
    ],
    [
      "tells nothing of an answer that is none",
      '{"data":{".dockerconfigjson":"c2VjcmV0"}}',
      /the login was not written\n$/,
    ],
  ])("%s", async (_, answer, said) => {
    writeFileSync(join(folder, "refusal"), answer);
    command("aws", "printf 'dG9rZW4='");
    command("curl", `cat '${join(folder, "refusal")}' > "$HOME/answer"; exit 22`);
    const failure = await run({}).catch((error: unknown) => error as { stderr: string });
    expect(failure?.stderr).toMatch(said);
    expect(failure?.stderr).not.toContain("c2VjcmV0");
  });

  it("writes nothing when AWS gives no token", async () => {
    command("aws", "exit 255");
    command("curl", `echo "$*" >> "$HOME/arguments"`);
    await expect(run({})).rejects.toThrow();
    expect(existsSync(join(folder, "arguments"))).toBe(false);
  });
});

it.each([
  [HOST, "eu-west-1"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
])("ecrRegion(%s) is %s", (host, region) => expect(ecrRegion(host)).toBe(region));

it("refuses to renew logins of other registries", () => expect(() => ecrRegion("quay.io")).toThrow(/no host of ECR/));
