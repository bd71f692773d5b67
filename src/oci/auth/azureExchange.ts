import type { Credentials } from "./credentials";
import { exchangeAzureToken, type AskTokenService, type TokenAnswer } from "./tokenService";

type AzureToken = Credentials & { readonly kind: "azureToken" };

/**
 * The refresh token that an Azure Container Registry gave for a Microsoft Entra token: it lives for three hours, longer
 * than what it was given for, so that long copies outlive their login.
 */
export class AzureExchange {
  #latest: { readonly own: AzureToken; readonly answer: Promise<Credentials | TokenAnswer> } | undefined;

  constructor(
    private readonly registry: URL,
    private readonly ask: AskTokenService,
  ) {}

  /**
   * @param refused what came before, and is no more
   * @returns the answer itself where the registry does not take the token
   */
  async refreshToken(
    own: AzureToken,
    service: string | undefined,
    refused?: Credentials,
  ): Promise<Credentials | TokenAnswer> {
    const latest = this.#latest?.own === own ? this.#latest : undefined;
    const answer = await latest?.answer;
    if (latest && answer && answer !== refused) return answer;
    // Another request may have exchanged it already.
    if (this.#latest !== latest && this.#latest?.own === own) return this.#latest.answer;
    const exchange = { own, answer: exchangeAzureToken(this.registry, service, own, this.ask) };
    this.#latest = exchange;
    const forget = (): void => void (this.#latest === exchange && (this.#latest = undefined));
    exchange.answer.then((given) => "status" in given && forget(), forget);
    return exchange.answer;
  }
}
