import type { QuayInputs, QuayLifecycle } from "./quayLifecycle";
import { QuayExistsError, quayOrganizationNotEmpty } from "../api/quayErrors";
import { quayNameProblem } from "../api/quayNames";

export interface OrganizationInputs extends QuayInputs {
  /** Contact address. */
  email?: string;
  /** Delete it although it holds repositories. */
  forceDelete: boolean;
}

/** An organization that this stack makes and deletes. */
export const organizationLifecycle: QuayLifecycle<OrganizationInputs> = {
  name: ({ organization }) => `organization ${organization}`,
  identity: [],
  settings: ["email", "forceDelete"],
  problems: ({ organization }) => [quayNameProblem("An organization of Quay", organization) ?? []].flat(),

  async refuseNew(quay, { organization }) {
    if ((await quay.organizations.find(organization)) === undefined) return;
    throw new QuayExistsError(
      quay.host,
      `Organization ${organization}`,
      "Set existing: true on the registry to use it (it is not deleted with the stack then), or choose another name",
    );
  },

  async find(quay, { organization, email }) {
    const found = await quay.organizations.find(organization);
    return found && (email === undefined ? {} : { email: found.email });
  },

  async create(quay, inputs) {
    await quay.organizations.create(inputs.organization, inputs.email);
    return inputs;
  },

  async update(quay, { organization, email }, inputs) {
    const now = await quay.organizations.find(organization);
    if (inputs.email !== email || (inputs.email !== undefined && now?.email !== inputs.email))
      await quay.organizations.changeEmail(organization, inputs.email ?? "");
    return inputs;
  },

  async remove(quay, { organization, forceDelete }) {
    if ((await quay.organizations.find(organization)) === undefined) return;
    const repositories = forceDelete ? [] : await quay.repositories.list(organization);
    if (repositories.length > 0) throw quayOrganizationNotEmpty(quay.host, organization, repositories);
    await quay.organizations.delete(organization);
  },
};
