import { QuayClient } from "../../src/quay/api/quayClient";
import { QuayConnection } from "../../src/quay/api/quayConnection";
import { startQuay, type Quay, type QuayOptions } from "../support/quay";
import { startRegistry, type TestRegistry } from "../support/registry";

/** What the Quays of a test proxy: a private registry that takes a JSON key. */
export const UPSTREAM = "europe-west1-docker.pkg.dev";
export const KEY = JSON.stringify({ private_key: "-----BEGIN-----\nabcdef0123456789\n-----END-----" }, null, 2);

/** A Quay, and who asks it. */
export interface Setup extends QuayOptions {
  /** Of the client's token; default: all. */
  readonly scopes?: string[];
  readonly token?: string;
}

/** A Quay with a client, whose clock tells how long it slept. */
export interface QuayWithClient {
  readonly quay: Quay;
  readonly client: QuayClient;
  /** Milliseconds of each pause. */
  readonly slept: readonly number[];
}

/** Starts Quays for the tests of a file, and closes them after each test. `created` has an organization `team`. */
export function quaysOfTest() {
  let upstream: TestRegistry;
  const running: Quay[] = [];
  beforeAll(async () => {
    upstream = await startRegistry({ auth: { scheme: "bearer", users: { _json_key: KEY } } });
  });
  afterAll(() => upstream.close());
  afterEach(() => Promise.all(running.splice(0).map((quay) => quay.close())));

  const empty = async ({ scopes, token, ...options }: Setup = {}): Promise<QuayWithClient> => {
    const quay = await startQuay({ upstreams: { [UPSTREAM]: { url: upstream.url } }, ...options });
    running.push(quay);
    const slept: number[] = [];
    let now = 0;
    const sleep = (ms: number) => {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    };
    const connection = new QuayConnection(
      {
        host: quay.host,
        token: token ?? quay.issueToken(scopes),
        ...(quay.ca === undefined ? { plainHttp: true } : { caCertificates: [quay.ca] }),
      },
      { clock: { now: () => now, date: () => now, sleep }, random: () => 0 },
    );
    return { quay, client: new QuayClient(connection), slept };
  };
  const created = async (options?: Setup): Promise<QuayWithClient> => {
    const made = await empty(options);
    made.quay.state.createOrganization("team", "a@b.c", "ada");
    return made;
  };
  return { empty, created };
}
