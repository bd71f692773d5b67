import type { ProxyCacheConfig, ProxyCacheLogin } from "../api/proxyCaches";
import type { QuayInputs, QuayLifecycle } from "./quayLifecycle";
import { QuayExistsError } from "../api/quayErrors";

export interface ProxyCacheInputs extends QuayInputs, ProxyCacheConfig, ProxyCacheLogin {}

/** What makes an organization a proxy cache. */
export const proxyCacheLifecycle: QuayLifecycle<ProxyCacheInputs> = {
  name: ({ organization }) => `the proxy cache of organization ${organization}`,
  identity: [],
  settings: ["upstream", "username", "password", "expirationSeconds", "insecure"],
  problems: () => [],

  async refuseNew(quay, { organization }) {
    const found = await quay.proxyCaches.find(organization);
    if (found === undefined) return;
    throw new QuayExistsError(
      quay.host,
      `A proxy cache of ${found.upstream} in organization ${organization}`,
      "Choose another organization, or use what is there with ExistingRegistry and its `upstreams`",
    );
  },

  async find(quay, { organization }) {
    return quay.proxyCaches.find(organization);
  },

  async create(quay, inputs) {
    await quay.proxyCaches.create(inputs.organization, inputs, inputs);
    return inputs;
  },

  /** Quay has no way to change one, so it is made anew; what it was comes back when the new one is refused. */
  async update(quay, state, inputs) {
    const { organization } = inputs;
    await quay.proxyCaches.delete(organization);
    try {
      await quay.proxyCaches.create(organization, inputs, inputs);
    } catch (error) {
      await quay.proxyCaches.create(organization, state, state).catch(() => undefined);
      throw error;
    }
    return inputs;
  },

  async remove(quay, { organization }) {
    await quay.proxyCaches.delete(organization);
  },
};
