import { spawn } from "node:child_process";
import { failureReason } from "../../files/fileError";
import { parseJson, withoutByteOrderMark } from "../../json";
import { withoutPrototype } from "../../ownKeys";
import { CredentialsError } from "../errors/errors";

/** The helper that a login file names is not installed. `code` is `CREDENTIALS_UNREADABLE`. */
export class HelperMissingError extends CredentialsError {
  override readonly name = "HelperMissingError";
}

/**
 * How helpers say that they know no login; the protocol has no code for it. Docker's own: "credentials not found in native
 * keychain", "The specified item could not be found in the keychain", "… is not in the password store", "pass not initialized: exit status 1:
 * Error: password store is empty".
 */
const NOTHING_KNOWN =
  /\bnot (?:be )?found\b|\bno (?:stored )?(?:credentials?|such (?:item|entry|secret))\b|\bnot in the (?:password )?store\b|\bstore is (?:empty|uninitiali[sz]ed|not initiali[sz]ed)\b|\bpass not initiali[sz]ed\b/i;
/** What shells and systems say of a program or file that a helper lacks itself. */
const PROGRAM_MISSING =
  /\b(?:command|executable(?: file)?|module|library) not found\b|: not found$|no such file or directory|cannot find module/im;

/**
 * Asks a credential helper, the program `docker-credential-NAME`
 * ({@link https://github.com/docker/docker-credential-helpers#development}).
 *
 * The server goes to its standard input, so that nothing secret or private is in an argument list.
 *
 * @param timeoutMs How long it may take; some wait for a person who unlocks a keyring.
 * @returns undefined when it knows no credentials for the server.
 * @throws {HelperMissingError} {@link CredentialsError}
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  environment: NodeJS.ProcessEnv,
  timeoutMs = 120_000,
): Promise<{ username: string; secret: string } | undefined> {
  const program = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name)) throw new CredentialsError(`${JSON.stringify(name)} is no name of a credential helper`);
  const failed = (reason: string, cause?: unknown, Failure = CredentialsError) =>
    new Failure(
      `The credential helper ${program} failed for ${server}: ${reason}`,
      `Run it by hand: echo ${server} | ${program} get`,
      { cause },
    );
  const { code, output, complaint } = await run(program, `${server}\n`, environment, timeoutMs).catch(
    (error: unknown) => {
      if (error instanceof HelperEndedError) throw failed(error.message);
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        throw failed("it is not on the PATH", error, HelperMissingError);
      throw failed(`it could not be run: ${failureReason(error)}`);
    },
  );
  if (code !== 0) {
    const said = `${output}\n${complaint}`;
    if (NOTHING_KNOWN.test(said) && !PROGRAM_MISSING.test(said)) return undefined;
    throw failed(`it ended with code ${code}`);
  }
  try {
    const answer = parseJson(withoutByteOrderMark(output)) as { Username?: unknown; Secret?: unknown };
    // `{}`, as Docker takes it.
    if (answer.Username === undefined && answer.Secret === undefined) return undefined;
    if (typeof answer.Username !== "string" || typeof answer.Secret !== "string") throw new Error("fields are missing");
    return answer.Secret ? { username: answer.Username, secret: answer.Secret } : undefined;
  } catch {
    throw failed("its answer is not the JSON of a credential");
  }
}

/** A credential is a password or a token. */
const MAX_OUTPUT = 1024 * 1024;
const MAX_COMPLAINT = 16 * 1024;

/** A helper that was not waited for. */
class HelperEndedError extends Error {}

function run(
  program: string,
  input: string,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<{ code: number | null; output: string; complaint: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { env: withoutPrototype(env), stdio: ["pipe", "pipe", "pipe"] });
    const end = (reason: string): void => {
      reject(new HelperEndedError(reason));
      child.kill("SIGKILL");
      // What the helper has started may hold its output open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => end(`it gave no answer for ${timeoutMs / 1000} s`), timeoutMs);
    child.on("error", reject).on("close", (code) => resolve({ code, output, complaint }));
    child.on("error", () => clearTimeout(timer)).on("close", () => clearTimeout(timer));
    let output = "";
    let complaint = "";
    // Where no more files may be open, there is nothing but the error to come.
    if ((child.stdout as unknown) === undefined) return;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > MAX_OUTPUT) end(`it wrote more than ${MAX_OUTPUT} bytes`);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (complaint.length < MAX_COMPLAINT) complaint += text;
    });
    // A helper that ends without reading is judged by its code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
