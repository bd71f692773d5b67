import type { QuayConnection } from "./quayConnection";
import { isTaken, QuayExistsError } from "./quayErrors";

/** What is read of a repository in Quay's API. */
export interface QuayRepositoryView {
  readonly isPublic: boolean;
  readonly hasTags: boolean;
}

/** {@link https://github.com/quay/quay/blob/master/endpoints/api/repository.py} */
export class QuayRepositories {
  constructor(private readonly connection: QuayConnection) {}

  /** Names of an organization's repositories, without the organization. */
  async list(organization: string): Promise<string[]> {
    const names: string[] = [];
    let page: string | undefined;
    do {
      const { body } = await this.connection.send({
        doing: `listing the repositories of organization ${organization}`,
        method: "GET",
        path: ["repository"],
        query: { namespace: organization, ...(page !== undefined && { next_page: page }) },
        scope: "repo:read",
      });
      const { repositories, next_page } = body as { repositories: { name: string }[]; next_page?: string };
      names.push(...repositories.map(({ name }) => name));
      page = next_page;
    } while (page !== undefined);
    return names;
  }

  async find(organization: string, name: string): Promise<QuayRepositoryView | undefined> {
    const { status, body } = await this.connection.send({
      doing: `looking for repository ${organization}/${name}`,
      method: "GET",
      path: repositoryPath(organization, name),
      query: { includeTags: "true" },
      scope: "repo:read",
      expect: [404],
    });
    if (status === 404) return undefined;
    const { is_public, tags } = body as { is_public?: boolean; tags?: object };
    return { isPublic: is_public === true, hasTags: Object.keys(tags ?? {}).length > 0 };
  }

  /** @throws {QuayExistsError} when there is one of that name */
  async create(organization: string, name: string, isPublic: boolean): Promise<void> {
    await this.connection
      .send({
        doing: `creating repository ${organization}/${name}`,
        method: "POST",
        path: ["repository"],
        body: { namespace: organization, repository: name, visibility: visibility(isPublic), description: "" },
        scope: "repo:create",
      })
      .catch((error: unknown) => {
        throw isTaken(error)
          ? new QuayExistsError(
              this.connection.host,
              `Repository ${organization}/${name}`,
              "Set repositories to QuayRepositories.OnPush to push to what is there, or delete it",
            )
          : error;
      });
  }

  async changeVisibility(organization: string, name: string, isPublic: boolean): Promise<void> {
    await this.connection.send({
      doing: `making repository ${organization}/${name} ${visibility(isPublic)}`,
      method: "POST",
      path: [...repositoryPath(organization, name), "changevisibility"],
      body: { visibility: visibility(isPublic) },
      scope: "repo:admin",
    });
  }

  async delete(organization: string, name: string): Promise<void> {
    await this.connection.send({
      doing: `deleting repository ${organization}/${name}`,
      method: "DELETE",
      path: repositoryPath(organization, name),
      scope: "repo:admin",
      expect: [404],
    });
  }
}

const visibility = (isPublic: boolean): string => (isPublic ? "public" : "private");

/** Repositories may have slashes in their names, which their routes take as they are. */
const repositoryPath = (organization: string, name: string): string[] => [
  "repository",
  organization,
  ...name.split("/"),
];
