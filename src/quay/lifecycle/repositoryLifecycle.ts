import type { QuayInputs, QuayLifecycle } from "./quayLifecycle";
import { QuayExistsError, quayRepositoryNotEmpty } from "../api/quayErrors";

export interface RepositoryInputs extends QuayInputs {
  /** Inside the organization, with slashes. */
  name: string;
  /** Anyone may pull. */
  public: boolean;
  /** Delete it although it holds images. */
  forceDelete: boolean;
}

/** A repository that is made before it is pushed to. */
export const repositoryLifecycle: QuayLifecycle<RepositoryInputs> = {
  name: ({ organization, name }) => `repository ${organization}/${name}`,
  identity: ["name"],
  settings: ["public", "forceDelete"],
  problems: () => [],

  async refuseNew(quay, { organization, name }) {
    // Who may not see repositories of an organization that is still to be made learns nothing about this one.
    if ((await quay.organizations.find(organization)) === undefined) return;
    if ((await quay.repositories.find(organization, name)) === undefined) return;
    throw new QuayExistsError(
      quay.host,
      `Repository ${organization}/${name}`,
      "Set repositories to QuayRepositories.OnPush to push to what is there, or delete it",
    );
  },

  async find(quay, { organization, name }) {
    if ((await quay.organizations.find(organization)) === undefined) return undefined;
    const found = await quay.repositories.find(organization, name);
    return found && { public: found.isPublic };
  },

  async create(quay, inputs) {
    await quay.repositories.create(inputs.organization, inputs.name, inputs.public);
    return inputs;
  },

  async update(quay, state, inputs) {
    const { organization, name } = inputs;
    const found = await quay.repositories.find(organization, name);
    if ((found?.isPublic ?? state.public) !== inputs.public)
      await quay.repositories.changeVisibility(organization, name, inputs.public);
    return inputs;
  },

  async remove(quay, { organization, name, forceDelete }) {
    if ((await quay.organizations.find(organization)) === undefined) return;
    const found = await quay.repositories.find(organization, name);
    if (found === undefined) return;
    if (found.hasTags && !forceDelete) throw quayRepositoryNotEmpty(quay.host, `${organization}/${name}`);
    await quay.repositories.delete(organization, name);
  },
};
