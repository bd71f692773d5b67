import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ensureTool } from "../tools";
import type { SyntheticImage } from "./image";
import { makeImage } from "./makeImage";

/**
 * What AWS's command line does for the one call that is made of it: it needs an access key, asks the endpoint of
 * AWS_ENDPOINT_URL, and writes the password of the token alone.
 *
 * @see https://docs.aws.amazon.com/cli/latest/reference/ecr/get-login-password.html
 */
const AWS = `#!/bin/sh
set -eu
if [ "$#" != 4 ] || [ "$1 $2 $3" != "ecr get-login-password --region" ]; then
  echo "aws: error: argument operation: Invalid choice" >&2
  exit 252
fi
if [ -z "\${AWS_ACCESS_KEY_ID:-}" ] || [ -z "\${AWS_SECRET_ACCESS_KEY:-}" ]; then
  echo 'Unable to locate credentials. You can configure credentials by running "aws configure".' >&2
  exit 253
fi
curl --fail --silent --show-error --data '{}' \\
  --header 'content-type: application/x-amz-json-1.1' \\
  --header 'x-amz-target: AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' \\
  --header "authorization: AWS4-HMAC-SHA256 Credential=$AWS_ACCESS_KEY_ID/20200101/$4/ecr/aws4_request, SignedHeaders=host, Signature=none" \\
  "$AWS_ENDPOINT_URL" | sed -n 's/.*"authorizationToken": *"\\([^"]*\\)".*/\\1/p' | base64 -d | cut -d: -f2-
`;

/** Of AWS's own image: its base, Amazon Linux, has these among many others. */
const COMMANDS = ["sh", "base64", "tr", "cat", "sed", "cut"];

/**
 * An image in place of `public.ecr.aws/aws-cli/aws-cli`, which is not to be had here: a shell with its commands and the
 * real curl, from Debian, and a stand-in for `aws`.
 *
 * @param endpoint URL of the AWS that is played, as pods reach it
 */
export async function awsCliImage(endpoint: string): Promise<SyntheticImage> {
  const busybox = readFileSync(await ensureTool("busybox"));
  const commands = Object.fromEntries(COMMANDS.map((command) => [`bin/${command}`, busybox]));
  return makeImage({
    layers: [
      { files: commands, mode: 0o755 },
      { files: { "bin/aws": AWS, ...withLibraries(await ensureTool("curl")) }, mode: 0o755 },
    ],
    config: {
      Env: ["PATH=/bin", "LD_LIBRARY_PATH=/lib", `AWS_ENDPOINT_URL=${endpoint}`],
      Entrypoint: ["/bin/aws"],
    },
  });
}

/** A program of this machine's Debian as `bin/NAME`, and what it is linked with, which its loader finds in `/lib`. */
function withLibraries(program: string): Record<string, Uint8Array> {
  const own = join(dirname(program), "..", "lib");
  const folders = existsSync(own) ? readdirSync(own).map((name) => join(own, name)) : [];
  const env = { ...process.env, LC_ALL: "C", LD_LIBRARY_PATH: folders.join(":") };
  const files: Record<string, Uint8Array> = { [`bin/${basename(program)}`]: readFileSync(program) };
  for (const line of execFileSync("ldd", [program], { env, encoding: "utf8" }).split("\n")) {
    const library = /=> (\/\S+)/.exec(line)?.[1];
    const loader = /^\s*(\/\S+) \(/.exec(line)?.[1];
    if (library !== undefined) files[`lib/${basename(library)}`] = readFileSync(library);
    if (loader !== undefined) files[loader.slice(1)] = readFileSync(loader);
  }
  return files;
}
