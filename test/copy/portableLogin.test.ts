import { registryAccess, type AccessInput } from "../../src/copy/imageCopyInputs";
import { AZURE_TOKEN_USER, portableLogin } from "../../src/copy/portableLogin";
import { Registries } from "../../src/oci/registries";
import { makeImage, pushImage } from "../support/images";
import { certificateAuthority, startRegistry, type TestRegistry } from "../support/registry";

const everything = [{ repositories: "*", actions: ["pull", "push"] as const }];
let acr: TestRegistry;
let opened: Registries[] = [];

const registriesFor = (access: readonly AccessInput[]): Registries => {
  const registries = new Registries({ access: access.map(registryAccess) });
  opened.push(registries);
  return registries;
};

beforeEach(async () => {
  acr = await startRegistry({
    behaviour: "acr",
    auth: { scheme: "bearer", users: {}, exchange: { "entra-token": everything } },
  });
});
afterEach(async () => {
  for (const registries of opened) registries.close();
  opened = [];
  await acr.close();
});

it("exchanges a Microsoft Entra token for a password of the registry, with which the registry lets in", async () => {
  await pushImage(acr, "team/app:1", makeImage());
  const login = await portableLogin(
    { host: acr.host, plainHttp: true, azureToken: { accessToken: "entra-token" } },
    registriesFor,
  );
  const { password, ...rest } = login;
  expect(rest).toEqual({ host: acr.host, plainHttp: true, username: AZURE_TOKEN_USER });
  expect(password).not.toBe("entra-token");
  const found = await registriesFor([login]).client(acr.host).headManifest("team/app", "1");
  expect(found?.digest).toBe(acr.tag("team/app", "1"));
});

it("shows the registry the client certificate that it asks for, and keeps it", async () => {
  const authority = await certificateAuthority();
  const { certificate: cert, key } = await authority.issue(["client"]);
  const secured = await startRegistry({
    behaviour: "acr",
    tls: { clientCertificates: true },
    auth: { scheme: "bearer", users: {}, exchange: { "entra-token": everything } },
  });
  try {
    const reach = { host: secured.host, caCertificate: authority.certificate, clientCertificate: { cert, key } };
    const login = await portableLogin({ ...reach, azureToken: { accessToken: "entra-token" } }, registriesFor);
    expect(login).toMatchObject({ ...reach, username: AZURE_TOKEN_USER });
    expect(await registriesFor([login]).client(secured.host).headManifest("team/app", "1")).toBeUndefined();
  } finally {
    await secured.close();
  }
});

it("leaves every other login what it is, and asks nobody", async () => {
  const login = { host: "r.test", username: "AWS", password: "a token for twelve hours" };
  const nobody = () => {
    throw new Error("asked");
  };
  expect(await portableLogin(login, nobody)).toEqual(login);
});

it("says that a registry refused the token, without showing it", async () => {
  const access = { host: acr.host, plainHttp: true, azureToken: { accessToken: "another-token" } };
  await expect(portableLogin(access, registriesFor)).rejects.toThrow(/refused the login with a token/);
  await expect(portableLogin(access, registriesFor)).rejects.not.toThrow(/another-token/);
});
