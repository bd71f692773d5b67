import { QuayDefaultPermissions } from "./defaultPermissions";
import { QuayOrganizations } from "./organizations";
import { OwnerRequests } from "./ownerRequests";
import { QuayProxyCaches } from "./proxyCaches";
import { QuayRepositories } from "./repositories";
import { QuayRobots } from "./robots";
import { QuayTeams } from "./teams";
import type { QuayConnection } from "./quayConnection";

/**
 * One Quay's API, as far as a mirror needs it, by the kinds of its objects. What is missing is `undefined`; deleting what
 * is gone is no error. Every method throws the errors of `quayErrors.ts` and those of a connection.
 *
 * Written from the descriptions in {@link https://github.com/quay/quay/tree/master/endpoints/api}.
 */
export class QuayClient {
  readonly host: string;
  readonly organizations: QuayOrganizations;
  readonly proxyCaches: QuayProxyCaches;
  readonly robots: QuayRobots;
  readonly teams: QuayTeams;
  readonly defaultPermissions: QuayDefaultPermissions;
  readonly repositories: QuayRepositories;

  constructor(connection: QuayConnection) {
    const owner = new OwnerRequests(connection);
    this.host = connection.host;
    this.organizations = new QuayOrganizations(connection, owner);
    this.proxyCaches = new QuayProxyCaches(owner);
    this.robots = new QuayRobots(owner);
    this.teams = new QuayTeams(owner);
    this.defaultPermissions = new QuayDefaultPermissions(owner);
    this.repositories = new QuayRepositories(connection);
  }
}
