import { MirrorError } from "../../error";
import type { ServiceConnection } from "../../resource/lifecycleProvider";
import { UNKNOWN } from "../../resource/unknownInputs";
import type { QuayAccess } from "../api/quayAccess";
import type { QuayClient } from "../api/quayClient";
import { QuayTokenRefusedError } from "../api/quayErrors";
import type { QuayAccessInput, QuayInputs } from "../lifecycle/quayLifecycle";

/** What reaching Quays needs from outside. */
export interface QuayServiceDependencies {
  clientFor: (access: QuayAccess) => QuayClient;
  /** The token of the machine, `QUAY_TOKEN`. */
  machineToken: () => string | undefined;
}

/** No token was given. `code` is `QUAY_TOKEN_MISSING`. */
function quayTokenMissing(host: string): MirrorError {
  return new MirrorError(
    "QUAY_TOKEN_MISSING",
    `There is no API token for Quay ${host}`,
    "Give the registry a token, or set QUAY_TOKEN",
  );
}

/**
 * The newest token by host. A rotated token is no change, so that states keep the one before, with which a resource
 * could not be deleted; whoever is checked or created in the same run has brought the new one.
 */
class KnownTokens {
  private readonly byHost = new Map<string, string>();

  learn(host: string, { token }: QuayAccessInput): void {
    if (token !== undefined && token !== UNKNOWN) this.byHost.set(host, token);
  }

  /** Tokens to try, the likeliest first. */
  of(host: string, { token }: QuayAccessInput, machine: string | undefined): string[] {
    const all = [this.byHost.get(host), token, machine];
    return [...new Set(all.filter((text): text is string => text !== undefined && text !== UNKNOWN && text !== ""))];
  }
}

/** The Quays of a process: all their resources share what is known of tokens. */
export function quayService({
  clientFor,
  machineToken,
}: QuayServiceDependencies): ServiceConnection<QuayClient, QuayInputs> {
  const tokens = new KnownTokens();
  return {
    name: "Quay",
    places: ["organization"],
    learn: ({ host, access = {} }) => tokens.learn(host, access),

    /** With the next token where one is refused. */
    async talk({ host, access = {} }, talk) {
      const { token: _, caCertificate, ...settings } = access;
      const caCertificates = caCertificate === undefined ? undefined : [caCertificate];
      let refused: unknown = quayTokenMissing(host);
      for (const token of tokens.of(host, access, machineToken())) {
        try {
          return await talk(clientFor({ host, token, ...settings, caCertificates }));
        } catch (error) {
          if (!(error instanceof QuayTokenRefusedError)) throw error;
          refused = error;
        }
      }
      throw refused;
    },
  };
}
