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
  ["10.0.0.1", "https://10.0.0.2/token", false],
  ["127.0.0.1", "http://127.0.0.2/token", false],
  ["[::1]", "http://[::2]/token", false],
  ["localhost", "http://127.0.0.1/token", false],
])("credentials for %s at %s: %s", (registry, service, trusted) => {
  expect(isTokenServiceTrusted(registry, new URL(service))).toBe(trusted);
});

it("a host that the user names is trusted", () => {
  const service = new URL("https://sso.corp.net:8443/token");
  expect(isTokenServiceTrusted("r.example.com", service, ["sso.corp.net"])).toBe(true);
  expect(isTokenServiceTrusted("r.example.com", service, ["sso.corp.net:8443"])).toBe(true);
  expect(isTokenServiceTrusted("r.example.com", service, ["corp.net"])).toBe(false);
});
