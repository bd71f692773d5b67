import * as fc from "fast-check";
import { isTokenServiceTrusted } from "../../../src/oci/auth/tokenServiceTrust";

it.each([
  ["registry-1.docker.io", "https://auth.docker.io/token", true],
  ["registry.gitlab.com", "https://gitlab.com/jwt/auth", true],
  ["registry.example.com", "https://gitlab.example.com/jwt/auth", true],
  ["ghcr.io", "https://ghcr.io/token", true],
  ["quay.io", "https://auth.quay.io/token", true],
  ["r.example.com", "https://r.example.com:8443/token", true],
  ["rg.fr-par.scw.cloud", "https://api.scaleway.com/token", true],
  ["127.0.0.1", "http://127.0.0.1:5001/token", true],
  ["registry.example.com", "https://evil.com/token", false],
  ["registry.example.com", "https://example.com.evil.com/token", false],
  ["registry.example.com", "https://evilexample.com/token", false],
  ["mine.azurecr.io", "https://yours.azurecr.io/oauth2/token", false],
  ["1.dkr.ecr.eu-west-1.amazonaws.com", "https://evil.s3.amazonaws.com/t", false],
  ["example.co.uk", "https://evil.co.uk/token", false],
  ["example.com", "https://other.com/token", false],
  ["mine.westeurope.cloudapp.azure.com", "https://yours.westeurope.cloudapp.azure.com/token", false],
  ["mine-uc.a.run.app", "https://yours-uc.a.run.app/token", false],
  ["reg-10-0-0-1.nip.io", "https://evil-10-0-0-2.nip.io/token", false],
  ["rg.fr-par.scw.cloud", "https://evil.s3.fr-par.scw.cloud/token", false],
  ["registry.fra1.digitaloceanspaces.com", "https://evil.fra1.digitaloceanspaces.com/token", false],
  ["mine.azurecr.io", "https://mine.azurecr.io/oauth2/token", true],
  ["mine.azurecr.io", "https://mine.azurecr.io.evil.net/oauth2/token", false],
  ["registry.digitalocean.com", "https://api.digitalocean.com/v2/registry/auth", true],
  ["registry.connect.redhat.com", "https://sso.redhat.com/auth/realms/rhc4tp", true],
  ["registry.connect.redhat.com", "https://evil.redhat.com/auth", false],
  ["registry.cn-hangzhou.aliyuncs.com", "https://dockerauth.cn-hangzhou.aliyuncs.com/auth", true],
  ["docker.elastic.co", "https://docker-auth.elastic.co/auth", true],
  ["10.0.0.1", "https://10.0.0.2/token", false],
  ["127.0.0.1", "http://127.0.0.2/token", false],
  ["[::1]", "http://[::2]/token", false],
  ["localhost", "http://127.0.0.1/token", false],
  // Domains that strangers share, by the Public Suffix List, its private part too, and beside it.
  ["mine.netlify.app", "https://evil.netlify.app/token", false],
  ["mine.bluesky.westeurope.azurecontainerapps.io", "https://evil.greenhill.westeurope.azurecontainerapps.io/t", false],
  ["mine.bluesky.westeurope.azurecontainerapps.io", "https://evil.bluesky.westeurope.azurecontainerapps.io/t", false],
  ["mine.or.jp", "https://evil.or.jp/token", false],
  ["mine.ddns.net", "https://evil.ddns.net/token", false],
  ["mine.github.io", "https://evil.github.io/token", false],
  ["mine.azurewebsites.net", "https://evil.azurewebsites.net/token", false],
  ["mine.kawasaki.jp", "https://evil.kawasaki.jp/token", false],
  ["netlify.app", "https://evil.netlify.app/token", false],
  ["azurecr.io", "https://evil.azurecr.io/token", false],
  ["mine.gcr.io", "https://evil.gcr.io/token", false],
  ["a.mine.netlify.app", "https://auth.mine.netlify.app/token", true],
  ["registry.corp.example", "https://auth.corp.example/token", true],
  ["registry.corp.internal", "https://auth.corp.internal/token", true],
  ["registry.shop.co.uk", "https://auth.shop.co.uk/token", true],
  ["registry.shop.or.jp", "https://auth.shop.or.jp/token", true],
  // Spellings.
  ["registry.example.com.", "https://AUTH.Example.COM./token", true],
  ["Registry.Example.com", "https://auth.example.com/token", true],
  ["registry.xn--mnchen-3ya.example", "https://auth.münchen.example/token", true],
  ["mine.NETLIFY.app.", "https://evil.netlify.app/token", false],
  ["registry-1.docker.io", "https://auth.docker.io.evil.net/token", false],
  ["10.0.0.1", "https://2.10.0.0.1.nip.io/token", false],
  ["0.0.1", "https://10.0.0.1/token", false],
])("credentials for %s at %s: %s", (registry, service, trusted) => {
  expect(isTokenServiceTrusted(registry, new URL(service))).toBe(trusted);
});

it("whoever is trusted is the host itself, below it, or in its domain", () => {
  const label = fc.constantFrom("a", "b", "registry", "auth", "co", "com", "io", "example", "github", "azurecr");
  const host = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
  fc.assert(
    fc.property(host, host, (registry, service) => {
      const trusted = isTokenServiceTrusted(registry, new URL(`https://${service}/token`));
      const domain = registry.slice(registry.indexOf(".") + 1);
      if (service === registry) expect(trusted).toBe(true);
      else if (trusted) {
        expect(registry.split(".").length).toBeGreaterThan(1);
        expect(
          `.${service}`.endsWith(`.${registry}`) || (domain.includes(".") && `.${service}`.endsWith(`.${domain}`)),
        ).toBe(true);
      }
    }),
  );
});

/** Domains below which anybody has a host of their own. */
const SHARED =
  "netlify.app or.jp co.uk ddns.net github.io gitlab.io azurecr.io jfrog.io pkg.dev pages.dev workers.dev vercel.app " +
  "fly.dev onrender.com herokuapp.com ngrok.io duckdns.org nip.io sslip.io ts.net cloudfront.net s3.amazonaws.com " +
  "eu-west-1.elb.amazonaws.com dkr.ecr.eu-west-1.amazonaws.com westeurope.cloudapp.azure.com blob.core.windows.net " +
  "a.run.app googleapis.com scw.cloud digitaloceanspaces.com azurestaticapps.net web.app firebaseapp.com myshopify.com";

it("neighbours in a domain that strangers share never get each other's login", () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const spelled = fc.constantFrom<(host: string) => string>(
    (host) => host,
    (host) => host.toUpperCase(),
    (host) => `${host}.`,
  );
  fc.assert(
    fc.property(fc.constantFrom(...SHARED.split(" ")), label, label, spelled, (shared, mine, theirs, spell) => {
      fc.pre(mine !== theirs);
      const service = new URL(`https://${spell(`${theirs}.${shared}`)}:8443/token`);
      expect(isTokenServiceTrusted(spell(`${mine}.${shared}`), service)).toBe(false);
      expect(isTokenServiceTrusted(spell(`${mine}.${shared}`), new URL(`https://${mine}.${shared}/token`))).toBe(true);
    }),
  );
});

it.each([
  ["SSO.corp.net", "https://sso.corp.net/token"],
  ["sso.corp.net.", "https://sso.corp.net/token"],
  ["sso.corp.net:443", "https://sso.corp.net/token"],
  ["sso.münchen.example", "https://sso.xn--mnchen-3ya.example/token"],
  ["[2001:DB8::1]:8443", "https://[2001:db8::1]:8443/token"],
])("a host that the user names as %s is trusted at %s", (named, service) => {
  expect(isTokenServiceTrusted("r.example.com", new URL(service), [named])).toBe(true);
});

it("a host that the user names is trusted", () => {
  const service = new URL("https://sso.corp.net:8443/token");
  expect(isTokenServiceTrusted("r.example.com", service, ["sso.corp.net"])).toBe(true);
  expect(isTokenServiceTrusted("r.example.com", service, ["sso.corp.net:8443"])).toBe(true);
  expect(isTokenServiceTrusted("r.example.com", service, ["corp.net"])).toBe(false);
});
