import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A certificate with its key, and the authority that signed it; all PEM. */
export interface IssuedCertificate {
  certificate: string;
  key: string;
  ca: string;
}

/** Signs certificates for names. */
export interface CertificateAuthority {
  /** PEM. */
  readonly certificate: string;
  /** A certificate for DNS names (`*.example` too) and IP addresses, good for servers and clients. */
  issue(names: readonly string[]): Promise<IssuedCertificate>;
}

let shared: Promise<CertificateAuthority> | undefined;

/** The authority of this process, made by openssl on first use and kept nowhere. */
export function certificateAuthority(): Promise<CertificateAuthority> {
  return (shared ??= createAuthority());
}

async function createAuthority(): Promise<CertificateAuthority> {
  const authority = await makeCertificate({ subject: "test registry authority", ca: true });
  return {
    certificate: authority.certificate,
    issue: async (names) => {
      const issued = await makeCertificate({ subject: "test registry", names, signer: authority });
      return { ...issued, ca: authority.certificate };
    },
  };
}

interface Request {
  subject: string;
  ca?: boolean;
  names?: readonly string[];
  signer?: { certificate: string; key: string };
}

/** One run of `openssl req -x509` in a folder that lives as long as the run. */
async function makeCertificate({ subject, ca, names = [], signer }: Request) {
  const folder = await mkdtemp(join(tmpdir(), "test-registry-"));
  const file = (name: string) => join(folder, name);
  try {
    await run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file("key.pem")]);
    const alternatives = names.map((name) => `${isIP(name) ? "IP" : "DNS"}:${name}`).join(",");
    const extensions = ca
      ? ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
      : ["basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth,clientAuth", `subjectAltName=${alternatives}`];
    await writeFile(
      file("config"),
      ["[req]", "distinguished_name=name", "prompt=no", "[name]", `CN=${subject}`, "[ext]", ...extensions].join("\n"),
    );
    await run("openssl", [
      "req",
      "-new",
      "-key",
      file("key.pem"),
      "-config",
      file("config"),
      "-out",
      file("request.pem"),
    ]);
    if (signer) await writeFile(file("ca.pem"), signer.certificate);
    if (signer) await writeFile(file("ca-key.pem"), signer.key, { mode: 0o600 });
    const signing = signer
      ? ["-CA", file("ca.pem"), "-CAkey", file("ca-key.pem"), "-CAcreateserial"]
      : ["-signkey", file("key.pem")];
    await run("openssl", [
      ...["x509", "-req", "-in", file("request.pem"), ...signing, "-days", "30", "-sha256"],
      ...["-extfile", file("config"), "-extensions", "ext", "-out", file("certificate.pem")],
    ]);
    const [certificate, key] = await Promise.all(
      ["certificate.pem", "key.pem"].map((name) => readFile(file(name), "utf8")),
    );
    return { certificate: certificate as string, key: key as string };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
