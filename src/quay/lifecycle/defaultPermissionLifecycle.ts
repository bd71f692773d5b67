import type { QuayDefaultPermission, QuayRepositoryRole } from "../api/defaultPermissions";
import type { QuayInputs, QuayLifecycle } from "./quayLifecycle";
import type { QuayClient } from "../api/quayClient";

export interface DefaultPermissionInputs extends QuayInputs {
  /** Whole name of the robot. */
  robot: string;
  role: QuayRepositoryRole;
}

/** What a robot may do with every repository that is made from now on, whoever makes it. */
export const defaultPermissionLifecycle: QuayLifecycle<DefaultPermissionInputs> = {
  name: ({ organization, robot }) => `the default permission of ${robot} in organization ${organization}`,
  identity: ["robot"],
  settings: ["role"],
  problems: () => [],
  // One of a robot that is made beside it belongs to this stack.
  refuseNew: () => Promise.resolve(),

  async find(quay, state) {
    const found = await permissionOf(quay, state);
    return found && { role: found.role as QuayRepositoryRole };
  },

  async create(quay, inputs) {
    const { organization, robot, role } = inputs;
    const found = await permissionOf(quay, inputs);
    if (found) await quay.defaultPermissions.change(organization, found.id, role);
    else await quay.defaultPermissions.create(organization, robot, role);
    return inputs;
  },

  update(quay, _state, inputs) {
    return this.create(quay, inputs);
  },

  async remove(quay, state) {
    const found = await permissionOf(quay, state);
    if (found) await quay.defaultPermissions.delete(state.organization, found.id);
  },
};

async function permissionOf(
  quay: QuayClient,
  { organization, robot }: DefaultPermissionInputs,
): Promise<QuayDefaultPermission | undefined> {
  return (await quay.defaultPermissions.list(organization)).find(({ delegate }) => delegate === robot);
}
