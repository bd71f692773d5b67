import { dockerConfigJson } from "../../src/cluster/dockerConfigSecret";

const decode = (data: string): unknown => JSON.parse(Buffer.from(data, "base64").toString());

describe("dockerConfigJson", () => {
  it("is what kubectl create secret docker-registry writes", () => {
    expect(decode(dockerConfigJson([{ host: "r.io:8083", username: "robot", password: "p:w" }]))).toEqual({
      auths: { "r.io:8083": { username: "robot", password: "p:w", auth: Buffer.from("robot:p:w").toString("base64") } },
    });
  });

  it("keeps a JSON key as it is", () => {
    const key = JSON.stringify({ type: "service_account", private_key: '-----BEGIN\n"x"\\' });
    const { auths } = decode(dockerConfigJson([{ host: "r", username: "_json_key", password: key }])) as {
      auths: { r: { password: string } };
    };
    expect(auths.r.password).toBe(key);
  });

  it("does not depend on the order of registries", () => {
    const a = { host: "a", username: "u", password: "p" };
    const b = { host: "b", username: "u", password: "p" };
    expect(dockerConfigJson([a, b])).toBe(dockerConfigJson([b, a]));
  });

  it("names Docker Hub as the kubelet looks it up", () => {
    expect(decode(dockerConfigJson([{ host: "docker.io", username: "u", password: "p" }]))).toHaveProperty([
      "auths",
      "https://index.docker.io/v1/",
    ]);
  });
});
