import * as http from "node:http";
import * as https from "node:https";
import type { UpstreamOptions } from "../options";
import { readBody } from "../transport/request";

type Headers = Record<string, string>;

/** A registry that a cache pulls from, with Basic and Bearer login. Written apart from the product's client: it tests that one. */
export class Upstream {
  readonly #authorization = new Map<string, string>();

  constructor(private readonly options: UpstreamOptions) {}

  /** GET of `/v2/REPOSITORY/REST`, logged in and redirected as needed. */
  async get(repository: string, rest: string, headers: Headers = {}): Promise<http.IncomingMessage> {
    const url = new URL(`/v2/${repository}/${rest}`, this.options.url);
    let answer = await this.#send(url, { ...headers, ...this.#login(repository) });
    const challenge = answer.headers["www-authenticate"];
    if (answer.statusCode === 401 && challenge !== undefined) {
      answer.resume();
      this.#authorization.set(repository, await this.#answer(challenge));
      answer = await this.#send(url, { ...headers, ...this.#login(repository) });
    }
    if (answer.statusCode !== 307 || answer.headers.location === undefined) return answer;
    answer.resume();
    // Storage hosts refuse a second login beside their signed URL.
    return this.#send(new URL(answer.headers.location, url), headers);
  }

  #login(repository: string): Headers {
    const authorization = this.#authorization.get(repository);
    return authorization === undefined ? {} : { authorization };
  }

  async #answer(challenge: string): Promise<string> {
    const { username, password } = this.options;
    const basic =
      username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
    if (/^basic/i.test(challenge)) return basic ?? "";
    const parameter = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    const realm = new URL(parameter("realm"));
    for (const name of ["service", "scope"]) if (parameter(name)) realm.searchParams.set(name, parameter(name));
    const answer = await this.#send(realm, basic === undefined ? {} : { authorization: basic });
    const bytes = (await readBody(answer as AsyncIterable<Buffer>, Infinity)) ?? Buffer.alloc(0);
    if (answer.statusCode !== 200) return "";
    const { token, access_token } = JSON.parse(bytes.toString()) as { token?: string; access_token?: string };
    return `Bearer ${token ?? access_token ?? ""}`;
  }

  #send(url: URL, headers: Headers): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { request } = url.protocol === "https:" ? https : http;
      request(url, { headers, ca: this.options.ca }, resolve).on("error", reject).end();
    });
  }
}
