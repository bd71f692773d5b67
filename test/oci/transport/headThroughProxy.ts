import { printHead } from "./printHead";

/** Asks for one image through the proxy of the environment: `REFERENCE SCHEME`. */
const [, , image = "", scheme] = process.argv;
printHead(image, (host) => ({
  access: [{ host, plainHttp: scheme === "http" }],
  environment: process.env,
  retry: { attempts: 1 },
}));
