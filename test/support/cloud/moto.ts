import { spawn } from "node:child_process";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensureTool } from "../tools";

/** An account in a region. */
export interface AwsScope {
  account: string;
  region: string;
}

/** moto's account and region of a request that names none. */
export const DEFAULT_SCOPE: AwsScope = { account: "123456789012", region: "us-east-1" };

const TARGETS = { ecr: "AmazonEC2ContainerRegistry_V20150921", secretsmanager: "secretsmanager" } as const;

/** A service that is played. */
export type AwsService = keyof typeof TARGETS;

/** AWS refused a call. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  constructor(
    /** `RepositoryNotFoundException` and such. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** AWS, as far as moto plays it, completed where its ECR lacks calls. */
export interface Moto {
  /** Endpoint of every service. */
  readonly url: string;
  /** Calls an operation of a service. Throws {@link AwsError}. */
  call<T = Record<string, unknown>>(
    service: AwsService,
    operation: string,
    parameters?: object,
    scope?: AwsScope,
  ): Promise<T>;
  /** Whether a password of the user `AWS` was given out by GetAuthorizationToken of that scope, and has not expired. */
  isLogin(password: string, scope: AwsScope, now: number): boolean;
  close(): Promise<void>;
}

/** Starts moto; the first time on a machine it is installed. @param at where it listens; a free loopback port by default */
export async function startMoto(at?: { readonly host: string; readonly port: number }): Promise<Moto> {
  const key = randomBytes(32).toString("hex");
  const child = spawn(
    await ensureTool("moto-python"),
    [join(__dirname, "moto_server.py"), ...(at ? [at.host, String(at.port)] : [])],
    {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...process.env,
        ECR_TOKEN_KEY: key,
        PYTHONDONTWRITEBYTECODE: "1",
        // The policies that AWS has in every account.
        MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
      },
    },
  );
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4000)));
  const exited = once(child, "exit");
  const line = await Promise.race([
    once(createInterface(child.stdout), "line").then(([text]) => String(text)),
    exited.then(() => Promise.reject(new Error(`moto did not start: ${complaints}`))),
  ]);
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    call: (service, operation, parameters = {}, scope = DEFAULT_SCOPE) =>
      callAws(url, service, operation, parameters, scope),
    isLogin: (password, scope, now) => isLogin(key, password, scope, now),
    close: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

/** Calls an operation of a service at moto's endpoint. Throws {@link AwsError}. */
export async function callAws<T>(
  url: string,
  service: AwsService,
  operation: string,
  parameters: object,
  { account, region }: AwsScope,
): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `${TARGETS[service]}.${operation}`,
      // moto reads the region in the credential's scope and does not check the signature.
      authorization: `AWS4-HMAC-SHA256 Credential=test/20200101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`,
      "x-moto-account-id": account,
    },
    body: JSON.stringify(parameters),
  });
  const body = (await answer.json()) as { __type?: string; message?: string; Message?: string };
  if (!answer.ok)
    throw new AwsError(body.__type?.split("#").at(-1) ?? String(answer.status), body.message ?? body.Message ?? "");
  return body as T;
}

/** Passwords are `ACCOUNT.REGION.EXPIRY.NONCE.SIGNATURE`; see ecr_extension.py. */
function isLogin(key: string, password: string, scope: AwsScope, now: number): boolean {
  const dot = password.lastIndexOf(".");
  const claims = password.slice(0, Math.max(dot, 0));
  const [account, region, expiry] = claims.split(".");
  const signature = createHmac("sha256", key).update(claims).digest();
  const given = Buffer.from(password.slice(dot + 1), "hex");
  return (
    given.length === signature.length &&
    timingSafeEqual(given, signature) &&
    account === scope.account &&
    region === scope.region &&
    Number(expiry) * 1000 > now
  );
}
