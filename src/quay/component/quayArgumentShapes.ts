import { choice, flag, number, object, plain, required, text, type FieldsOf } from "../../inputs/argumentShape";
import { HOST } from "../../registry/argumentShapes";
import { QuayRepositories, type QuayProxy, type QuayRegistryArgs } from "./quayRegistryArgs";

export const quayRegistryFields: FieldsOf<QuayRegistryArgs> = {
  host: required(text, HOST),
  organization: required(plain(text)),
  existing: plain(flag),
  email: text,
  token: text,
  proxy: plain(
    object<QuayProxy>({
      upstream: required(plain(text)),
      username: text,
      password: text,
      expirationSeconds: plain(number),
      insecure: plain(flag),
    }),
  ),
  robots: plain(text),
  rotation: text,
  repositories: plain(choice("QuayRepositories", QuayRepositories)),
  publicRepositories: plain(flag),
  forceDelete: plain(flag),
  noPullSecret: plain(flag),
  plainHttp: flag,
  caCertificate: text,
  keepHost: plain(flag),
};
