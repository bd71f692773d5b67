import type { QuayTeamRole } from "../api/teams";
import type { QuayInputs, QuayLifecycle } from "./quayLifecycle";
import { QuayExistsError } from "../api/quayErrors";
import { quayNameProblem } from "../api/quayNames";

export interface TeamInputs extends QuayInputs {
  name: string;
  role: QuayTeamRole;
  /** Whole names of the robots in it. Other members are nobody's business here. */
  robots: string[];
}

/**
 * A team with robots: whoever is in one is a member of the organization, and members alone may pull through a proxy
 * cache ({@link https://github.com/quay/quay/blob/master/endpoints/v2/v2auth.py can_pullthru}); only creators make
 * repositories by pushing.
 */
export const teamLifecycle: QuayLifecycle<TeamInputs> = {
  name: ({ organization, name }) => `team ${name} of organization ${organization}`,
  identity: ["name"],
  settings: ["role", "robots"],
  problems: ({ name }) => [quayNameProblem("A team of Quay", name) ?? []].flat(),

  async refuseNew(quay, { organization, name }) {
    if ((await quay.teams.find(organization, name)) === undefined) return;
    throw new QuayExistsError(
      quay.host,
      `Team ${name} of organization ${organization}`,
      "Choose another `robots` on the registry, or delete the team",
    );
  },

  async find(quay, { organization, name, robots }) {
    const found = await quay.teams.find(organization, name);
    return (
      found && {
        role: found.role as QuayTeamRole,
        robots: robots.filter((robot) => found.members.includes(robot)),
      }
    );
  },

  async create(quay, inputs) {
    const { organization, name, role, robots } = inputs;
    await quay.teams.put(organization, name, role, "Made by pulumi-chart-mirror");
    for (const robot of robots) await quay.teams.addMember(organization, name, robot);
    return inputs;
  },

  async update(quay, state, inputs) {
    const { organization, name, role, robots } = inputs;
    const found = await quay.teams.find(organization, name);
    if (found?.role !== role) await quay.teams.put(organization, name, role, "Made by pulumi-chart-mirror");
    const members = found?.members ?? [];
    for (const robot of robots) if (!members.includes(robot)) await quay.teams.addMember(organization, name, robot);
    for (const robot of state.robots)
      if (!robots.includes(robot) && members.includes(robot)) await quay.teams.removeMember(organization, name, robot);
    return inputs;
  },

  async remove(quay, { organization, name }) {
    await quay.teams.delete(organization, name);
  },
};
