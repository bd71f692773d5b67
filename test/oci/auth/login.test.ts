import { inspect } from "node:util";
import { basicAuthorization, type Credentials } from "../../../src/oci/auth/credentials";
import { RegistryLogin, type CredentialSource } from "../../../src/oci/auth/login";
import type { AskTokenService } from "../../../src/oci/auth/tokenService";
import { endpointOf } from "../../../src/oci/transport/endpoint";
import { failure } from "../fixture";

type Asked = Parameters<AskTokenService>[0];
type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

const basic = (password: string): Credentials => ({ kind: "basic", username: "robot", password });
const BEARER = 'Bearer realm="https://r.io/token",service="r.io"';
const app = { repository: "app" };

/** A login at `r.io`, with a token service and a clock that are the test's. */
function start(
  source: Credentials | undefined | CredentialSource,
  answer: (request: Asked, number: number) => Answer | Promise<Answer> = (_, number) => token(`t${number}`),
  registry = "r.io",
) {
  const asked: Asked[] = [];
  const clock = {
    time: 1_700_000_000_000,
    now: () => clock.time,
    date: () => clock.time,
    sleep: () => Promise.resolve(),
  };
  const login = new RegistryLogin({
    endpoint: endpointOf(registry, undefined),
    credentials: typeof source === "function" ? source : () => Promise.resolve(source),
    tokenServices: [],
    ask: async (request) => {
      const { status, body, headers = {} } = await answer(request, asked.push(request));
      return { status, headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body ?? {})) };
    },
    clock,
  });
  /** A request that is answered with 401 and this challenge. */
  const refused = (header: string | undefined, sent?: string, renewals = 0, permission = app) =>
    login.challenged(permission, sent, header, renewals, "reading app");
  return { login, asked, clock, refused };
}
const token = (token: string, more: object = {}): Answer => ({ status: 200, body: { token, ...more } });
const scopesOf = ({ url }: Asked) => url.searchParams.getAll("scope");
const formOf = ({ body }: Asked) => Object.fromEntries(new URLSearchParams(body));

describe("challenges", () => {
  it.each([
    ["Negotiate, Basic realm=x", undefined],
    ['Bearer, Basic realm="x"', undefined],
    [`Basic realm="x", ${BEARER}`, "https://r.io/token"],
    [`Negotiate YII=, ${BEARER}`, "https://r.io/token"],
    ['Bearer realm="/v2/token"', "https://r.io/v2/token"],
    ['Bearer realm="https://r.io:8443/token"', "https://r.io:8443/token"],
    // A registry behind a proxy that ends TLS may write http into its own address.
    ['Bearer realm="http://r.io/token"', "https://r.io/token"],
    ['Bearer realm="http://r.io:80/token"', "https://r.io/token"],
    ['Bearer realm="https://user:pass@r.io/token"', "https://r.io/token"],
  ])("%s leads to %s", async (header, realm) => {
    const { login, asked, refused } = start(basic("secret"));
    await refused(header);
    const authorization = await login.authorization(app);
    expect(authorization).toBe(
      realm === undefined ? basicAuthorization({ username: "robot", password: "secret" }) : "Bearer t1",
    );
    expect(asked.map(({ url }) => `${url.protocol}//${url.username}${url.host}${url.pathname}`)).toEqual(
      realm === undefined ? [] : [realm],
    );
  });

  it.each([
    ['Bearer realm="http://auth.r.io/token"', "without TLS"],
    ['Bearer realm="http://evil.net/token"', "without TLS"],
    ['Bearer realm="https://evil.net/token"', "another host"],
    ['Bearer realm="https://"', "no URL"],
    ['Bearer realm="ftp://r.io/token"', "without TLS"],
  ])("%s is refused: %s", async (header, reason) => {
    const { login, asked, refused } = start(basic("secret"));
    const error = await failure(refused(header).then(() => login.authorization(app)));
    expect(error).toMatchObject({ code: "TOKEN_SERVICE_UNTRUSTED", registry: "r.io" });
    expect(error.message).toContain(reason);
    expect(asked).toEqual([]);
  });

  it("a scope that the registry asks for comes beside the own, even where it names the repository otherwise", async () => {
    const { login, asked, refused } = start(basic("secret"));
    await refused(`${BEARER},scope="repository:internal/app:pull repository:app:pull,delete"`);
    await login.authorization(app);
    await refused(`${BEARER},scope="repository:app:*"`, "Bearer t1");
    await login.authorization(app);
    expect(asked.map(scopesOf)).toEqual([
      ["repository:app:pull", "repository:internal/app:pull repository:app:pull,delete"],
      ["repository:app:pull", "repository:internal/app:pull repository:app:pull,delete", "repository:app:*"],
    ]);
    // It is for requests to that repository alone.
    await login.authorization({ repository: "other" });
    expect(scopesOf(asked[2] as Asked)).toEqual(["repository:other:pull"]);
  });

  it("each repository, each right and each mount has a token of its own", async () => {
    const { login, asked, refused } = start(basic("secret"));
    await refused(BEARER);
    const permissions = [
      app,
      { ...app, push: true },
      { ...app, push: true, mountFrom: "base" },
      { repository: "b" },
      {},
    ];
    for (const permission of [...permissions, ...permissions]) await login.authorization(permission);
    expect(asked.map(scopesOf)).toEqual([
      ["repository:app:pull"],
      ["repository:app:pull,push"],
      ["repository:app:pull,push", "repository:base:pull"],
      ["repository:b:pull"],
      [],
    ]);
  });
});

describe("tokens", () => {
  it.each<[string, object, number]>([
    ["no expires_in", {}, 60],
    ["300 s", { expires_in: 300 }, 300],
    ["a text", { expires_in: "300" }, 300],
    ["zero", { expires_in: 0 }, 60],
    ["less", { expires_in: -5 }, 60],
    ["nonsense", { expires_in: "soon" }, 60],
    ["null", { expires_in: null }, 60],
    ["an issued_at of a clock that is behind", { expires_in: 300, issued_at: "2001-01-01T00:00:00Z" }, 300],
    ["an issued_at of a clock that is ahead", { expires_in: 300, issued_at: "2101-01-01T00:00:00Z" }, 300],
  ])("are renewed before they die: %s", async (_, more, lifetime) => {
    const { login, clock, refused } = start(basic("secret"), (_request, number) => token(`t${number}`, more));
    await refused(BEARER);
    const margin = Math.min(30, lifetime / 5);
    expect(await login.authorization(app)).toBe("Bearer t1");
    clock.time += (lifetime - margin) * 1000 - 1;
    expect(await login.authorization(app)).toBe("Bearer t1");
    clock.time += 1;
    expect(await login.authorization(app)).toBe("Bearer t2");
  });

  it.each<[string, unknown]>([
    ["a web page", "<html><title>Sign in</title><p>secret</p></html>"],
    ["a plain text", "secret"],
    ["a part of JSON", '{"token":"secret'],
    ["null", "null"],
    ["none", {}],
    ["an empty one", { token: "", access_token: "" }],
    ["one that is no text", { token: 5 }],
    ["one that no header can hold", { token: "a\nb" }],
  ])("that an answer does not hold are a failure of the registry, told at once: %s", async (_, body) => {
    for (const status of [200, 203]) {
      const { login, refused, asked } = start(basic("secret"), () => ({ status, body }));
      await refused(BEARER);
      const error = await failure(login.authorization(app));
      expect(error).toMatchObject({ name: "NoTokenError", code: "REGISTRY_FAILED", status });
      expect(error.message).toMatch(/answered no token.*in a browser/);
      expect(error.message).not.toContain("secret");
      expect(asked).toHaveLength(1);
    }
  });

  it.each([
    ["with the end of a line", '{"token":"t1\\n"}'],
    ["with a byte order mark", '\ufeff{"token":"t1"}'],
    ["as access_token beside nothing", '{"token":null,"access_token":"t1"}'],
  ])("are found %s", async (_, body) => {
    const { login, refused } = start(basic("secret"), () => ({ status: 200, body }));
    await refused(BEARER);
    expect(await login.authorization(app)).toBe("Bearer t1");
  });

  it("names the page, and the service where it has a host of its own", async () => {
    const body = "<!DOCTYPE html><html><head><title>Sign in &amp; go</title>";
    const { login, refused } = start(undefined, () => ({ status: 200, body }));
    await refused('Bearer realm="https://auth.example.com/token"');
    expect((await failure(login.authorization(app))).message).toMatch(
      /asking auth\.example\.com for a token .*the web page "Sign in & go"/,
    );
  });

  it("of a service that is out of order are asked for again", async () => {
    const { login, refused } = start(undefined, () => ({ status: 502, body: "<html><title>502 Bad Gateway</title>" }));
    await refused(BEARER);
    expect(await failure(login.authorization(app))).toMatchObject({ name: "RetryableFailure", error: { status: 502 } });
  });

  it("have two names", async () => {
    const { login, refused } = start(undefined, () => ({ status: 200, body: { token: "", access_token: "oauth" } }));
    await refused(BEARER);
    expect(await login.authorization(app)).toBe("Bearer oauth");
  });

  it("are asked for once, however many requests wait, and renewed once, however many were refused", async () => {
    const { login, asked, refused } = start(basic("secret"));
    await refused(BEARER);
    const all = () => Promise.all(Array.from({ length: 20 }, () => login.authorization(app)));
    expect(new Set(await all())).toEqual(new Set(["Bearer t1"]));
    await Promise.all(Array.from({ length: 20 }, () => refused(BEARER, "Bearer t1")));
    expect(new Set(await all())).toEqual(new Set(["Bearer t2"]));
    // One that comes late was refused with the old token, which says nothing of the new one.
    await refused(BEARER, "Bearer t1");
    expect(new Set(await all())).toEqual(new Set(["Bearer t2"]));
    expect(asked).toHaveLength(2);
  });

  it("of a service that failed are asked for again by the next request", async () => {
    const { login, refused } = start(basic("secret"), (_, number) => (number === 1 ? { status: 503 } : token("t")));
    await refused(BEARER);
    expect((await failure(login.authorization(app))).name).toBe("RetryableFailure");
    expect(await login.authorization(app)).toBe("Bearer t");
  });
});

describe("an identity token", () => {
  const identity: Credentials = { kind: "identityToken", token: "refresh-1", username: "00000000" };

  it("is sent by POST", async () => {
    const { login, asked, refused } = start(identity);
    await refused(BEARER);
    expect(await login.authorization({ ...app, push: true, mountFrom: "base" })).toBe("Bearer t1");
    expect(asked[0]).toMatchObject({
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect(asked[0]?.headers).not.toHaveProperty("Authorization");
    expect(asked[0]?.url.search).toBe("");
    expect(formOf(asked[0] as Asked)).toEqual({
      grant_type: "refresh_token",
      refresh_token: "refresh-1",
      client_id: "pulumi-chart-mirror",
      service: "r.io",
      scope: "repository:app:pull,push repository:base:pull",
    });
  });

  it.each([404, 405])("is a password where POST is answered with %s", async (status) => {
    const { login, asked, refused } = start(identity, ({ method }) => (method === "POST" ? { status } : token("t")));
    await refused(BEARER);
    expect(await login.authorization(app)).toBe("Bearer t");
    const authorization = basicAuthorization({ username: "00000000", password: "refresh-1" });
    expect(asked[1]).toMatchObject({ method: "GET", headers: { Authorization: authorization } });
  });

  it("that is no more is an error that says so", async () => {
    const { login, refused } = start(identity, () => ({ status: 400, body: { error: "invalid_grant refresh-1" } }));
    await refused(BEARER);
    const error = await failure(login.authorization(app));
    expect(error).toMatchObject({ code: "LOGIN_REFUSED" });
    expect(inspect(error, { depth: 9 })).not.toContain("refresh-1");
  });
});

describe("a Microsoft Entra token", () => {
  const entra: Credentials = { kind: "azureToken", accessToken: "entra-secret", tenant: "t" };
  const REALM = 'Bearer realm="https://m.azurecr.io/oauth2/token",service="m.azurecr.io"';

  /** A registry that exchanges a token for `refresh-N`, of which one is good. */
  function azure(good: () => string) {
    let exchanges = 0;
    return start(
      entra,
      (request, number) => {
        const { grant_type, refresh_token, access_token, tenant } = formOf(request);
        if (request.url.pathname === "/oauth2/exchange") {
          expect({ grant_type, access_token, tenant }).toEqual({
            grant_type: "access_token",
            access_token: "entra-secret",
            tenant: "t",
          });
          return { status: 200, body: { refresh_token: `refresh-${++exchanges}` } };
        }
        expect([request.url.pathname, grant_type]).toEqual(["/oauth2/token", "refresh_token"]);
        return refresh_token === good() ? { status: 200, body: { access_token: `t${number}` } } : { status: 401 };
      },
      "m.azurecr.io",
    );
  }
  const paths = (asked: readonly Asked[]) => asked.map(({ url }) => url.pathname);

  it("is exchanged once for all repositories", async () => {
    const { login, asked, refused } = azure(() => "refresh-1");
    await refused(REALM);
    await Promise.all(["a", "b", "c"].map((repository) => login.authorization({ repository })));
    await login.authorization(app);
    expect(paths(asked).filter((path) => path === "/oauth2/exchange")).toHaveLength(1);
    expect(asked).toHaveLength(5);
  });

  it("is exchanged anew where the registry's token is no more", async () => {
    let good = "refresh-1";
    const { login, asked, clock, refused } = azure(() => good);
    await refused(REALM);
    await login.authorization(app);
    good = "refresh-2";
    clock.time += 60_000;
    expect(await login.authorization(app)).toBe("Bearer t5");
    const [exchange, renewal] = ["/oauth2/exchange", "/oauth2/token"];
    expect(paths(asked)).toEqual([exchange, renewal, renewal, exchange, renewal]);
  });

  it("that is refused is an error without it", async () => {
    const { login, refused } = azure(() => "none");
    await refused(REALM);
    const error = await failure(login.authorization(app));
    expect(error).toMatchObject({ code: "LOGIN_REFUSED", registry: "m.azurecr.io" });
    expect(inspect(error, { depth: 9 })).not.toMatch(/entra-secret|refresh-/);
  });
});

describe("credentials that are no more", () => {
  /** A keychain whose answer changes where it is asked anew. */
  function changing(...passwords: string[]) {
    const questions: boolean[] = [];
    const source: CredentialSource = (_, refresh) => {
      questions.push(refresh);
      return Promise.resolve(basic((passwords.length > 1 ? passwords.shift() : passwords[0]) as string));
    };
    return { source, questions };
  }
  const passwordOf = ({ headers }: Asked) =>
    Buffer.from(headers.Authorization?.slice("Basic ".length) ?? "", "base64")
      .toString()
      .split(":")[1];

  it("are asked for anew when the token service refuses them, as those of gcloud end after an hour", async () => {
    const { source, questions } = changing("old", "new");
    const { login, asked, refused } = start(source, (request) =>
      passwordOf(request) === "new" ? token("t") : { status: 401 },
    );
    await refused(BEARER);
    const all = ["a", "b", "c"].map((path) => login.authorization({ ...app, mountFrom: path }));
    expect(await Promise.all(all)).toEqual(["Bearer t", "Bearer t", "Bearer t"]);
    expect(asked.map(passwordOf).sort()).toEqual(["new", "new", "new", "old", "old", "old"]);
    expect(questions).toEqual([false, true]);
  });

  it("are refused where there are no others, after one look", async () => {
    const { source, questions } = changing("old", "old");
    const { login, asked, refused } = start(source, () => ({ status: 401 }));
    await refused(BEARER);
    expect(await failure(login.authorization(app))).toMatchObject({ code: "LOGIN_REFUSED", user: "robot" });
    expect([asked.length, questions]).toEqual([1, [false, true]]);
  });

  it("are asked for once however many requests were refused, also with Basic", async () => {
    const { source, questions } = changing("old", "new");
    const { login, refused } = start(source);
    await refused("Basic");
    const old = basicAuthorization({ username: "robot", password: "old" });
    expect(await login.authorization(app)).toBe(old);
    await Promise.all(Array.from({ length: 20 }, () => refused("Basic", old)));
    expect(await Promise.all(Array.from({ length: 20 }, () => login.hasOther(app, old)))).not.toContain(false);
    await refused("Basic", old);
    expect(await login.authorization(app)).toBe(basicAuthorization({ username: "robot", password: "new" }));
    expect(questions).toEqual([false, true]);
  });
});

describe("texts that a registry wrote", () => {
  const key = JSON.stringify({ type: "service_account", private_key: "-----BEGIN\nsecret-key/+\n" }, undefined, 2);

  it.each([
    ["as they are", key],
    ["in JSON", JSON.stringify(key)],
    ["in a form", new URLSearchParams({ password: key }).toString()],
    ["in a URL", encodeURIComponent(key)],
    ["in Basic", basicAuthorization({ username: "_json_key", password: key })],
  ])("lose secrets that they repeat %s", async (_, text) => {
    const { login } = start({ kind: "basic", username: "_json_key", password: key });
    await login.authorization(app);
    const secrets = ["secret-key", "service_account", Buffer.from(key).toString("base64").slice(30, 60)];
    for (const secret of secrets) expect(login.scrub(`no: ${text}.`)).not.toContain(secret);
    expect(login.scrub(`no: ${text}.`)).toMatch(/^no: .*\*\*\*.*\.$/s);
  });

  it("lose a whole secret where another is part of it", async () => {
    const found = [basic("secret"), basic("secret-and-more")];
    const { login } = start((_, refresh) => Promise.resolve(found[refresh ? 1 : 0]));
    await login.authorization(app);
    await login.challenged(app, basicAuthorization({ username: "robot", password: "secret" }), "Basic", 0, "x");
    expect(login.scrub("secret-and-more secret")).toBe("*** ***");
  });
});

it("a login shows no secret to whoever prints it", async () => {
  const { login, refused } = start(basic("top-secret"), () => token("bearer-secret"));
  await refused(BEARER);
  await login.authorization(app);
  for (const text of [inspect(login, { depth: 9, showHidden: true }), JSON.stringify(login)])
    expect(text).not.toMatch(/top-secret|bearer-secret/);
});
