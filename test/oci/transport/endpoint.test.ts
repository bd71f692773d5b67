import { inspect } from "node:util";
import { endpointOf, followLocation, withoutTlsOf } from "../../../src/oci/transport/endpoint";
import { thrownBy } from "../fixture";

it.each([
  ["docker.io", {}, "https://registry-1.docker.io", "", "docker.io"],
  ["r.io:5000", {}, "https://r.io:5000", "", "r.io:5000"],
  ["localhost:5000", {}, "https://localhost:5000", "", "localhost:5000"],
  ["quay.io", { location: "index.docker.io/team" }, "https://registry-1.docker.io", "team", "docker.io"],
  ["localhost:5000", { plainHttp: true }, "http://localhost:5000", "", "localhost:5000"],
  [
    "docker.io",
    { location: "nexus.corp:8083/docker-hub/" },
    "https://nexus.corp:8083",
    "docker-hub",
    "nexus.corp:8083",
  ],
])("%s with %j is at %s", (registry, access, origin, prefix, loginHost) => {
  const endpoint = endpointOf(registry, { host: registry, ...access });
  expect([endpoint.origin.origin, endpoint.repositoryPrefix, endpoint.loginHost]).toEqual([origin, prefix, loginHost]);
});

it.each(["https://nexus.corp/hub", "u:s3cr3t@nexus.corp", "nexus.corp:port", "", "/hub", "nexus corp"])(
  "a location of %j is an error that names the registry, not the text",
  (location) => {
    const error = thrownBy(() => endpointOf("docker.io", { host: "docker.io", location }));
    expect(error).toMatchObject({ code: "INVALID_REGISTRY", registry: "docker.io" });
    expect(inspect(error)).not.toContain("s3cr3t");
  },
);

it("a client certificate is not for hosts that the registry redirects to, its authorities are", () => {
  const clientCertificate = { cert: "c", key: "k" };
  const endpoint = endpointOf("r.io", { host: "r.io", caCertificates: ["ca"], clientCertificate });
  expect(endpoint.tls).toEqual({ caCertificates: ["ca"], clientCertificate });
  expect(endpoint.foreignTls).toEqual({ caCertificates: ["ca"] });
});

it.each([
  ["http://r.io:5000", "https://r.io:5000/v2/a?_state=x", "http://r.io:5000/v2/a?_state=x"],
  ["http://r.io:5000", "https://r.io/v2/a", "https://r.io/v2/a"],
  ["http://r.io:5000", "https://store.io:5000/v2/a", "https://store.io:5000/v2/a"],
  ["http://r.io", "https://r.io/v2/a", "https://r.io/v2/a"],
  ["https://r.io:5000", "https://r.io:5000/v2/a", "https://r.io:5000/v2/a"],
])("%s that names %s means %s", (origin, written, meant) => {
  expect(withoutTlsOf(new URL(origin), new URL(written)).href).toBe(meant);
});

describe("a Location", () => {
  const follow = (origin: string, location: string | undefined) => {
    const url = new URL(origin);
    const endpoint = endpointOf(url.host, { host: url.host, plainHttp: url.protocol === "http:" });
    return followLocation(endpoint, new URL("/v2/a/blobs/uploads/", origin), location).href;
  };

  it.each([
    ["https://r.io", "/v2/x?_state=a%2Fb", "https://r.io/v2/x?_state=a%2Fb"],
    ["https://r.io", "https://cdn.net/x?sig=1", "https://cdn.net/x?sig=1"],
    ["https://r.io", "http://r.io/v2/x", "https://r.io/v2/x"],
    ["https://r.io:5000", "http://r.io:5000/v2/x", "https://r.io:5000/v2/x"],
    ["https://r.io", "https://user:secret@r.io/x", "https://r.io/x"],
    ["http://r.io", "http://cdn.net/x", "http://cdn.net/x"],
    ["http://127.0.0.1:5000", "http://127.0.0.1:6000/x", "http://127.0.0.1:6000/x"],
    ["https://10.0.0.1", "https://10.0.0.2/x", "https://10.0.0.2/x"],
  ])("from %s to %s leads to %s", (origin, location, expected) => expect(follow(origin, location)).toBe(expected));

  it.each([
    ["https://r.io", undefined],
    ["https://r.io", "http://cdn.net/x"],
    ["https://r.io", "ftp://r.io/x"],
    ["https://r.io", "https://"],
    ["https://r.io", "https://169.254.169.254/latest/meta-data"],
    ["https://r.io", "https://10.0.0.1/x"],
    ["https://r.io", "https://127.0.0.1/x"],
    ["https://r.io", "https://[::1]/x"],
    ["https://r.io", "https://2130706433/x"],
  ])("from %s to %s is refused, without its query", (origin, location) => {
    expect(thrownBy(() => follow(origin, location))).toMatchObject({ code: "LOCATION_REFUSED" });
  });
});
