import type { QuayInputs, QuayLifecycle } from "./quayLifecycle";
import { QuayExistsError } from "../api/quayErrors";
import { quayNameProblem } from "../api/quayNames";

export interface RobotInputs extends QuayInputs {
  /** Without the organization. */
  name: string;
  /** Another text makes Quay give the robot another token. */
  rotation?: string;
}

export interface RobotOutputs extends RobotInputs {
  /** `organization+name`. */
  username: string;
  /** The robot's password; secret. */
  token: string;
}

/** A robot account of an organization. Its token stays what it is until another `rotation` asks for a new one. */
export const robotLifecycle: QuayLifecycle<RobotInputs, RobotOutputs> = {
  name: ({ organization, name }) => `robot ${organization}+${name}`,
  identity: ["name"],
  settings: ["rotation"],
  problems: ({ name }) => [quayNameProblem("A robot of Quay", name) ?? []].flat(),

  async refuseNew(quay, { organization, name }) {
    if ((await quay.robots.find(organization, name)) === undefined) return;
    throw new QuayExistsError(
      quay.host,
      `Robot ${organization}+${name}`,
      "Choose another `robots` on the registry, or delete the robot",
    );
  },

  async find(quay, { organization, name }) {
    return quay.robots.find(organization, name);
  },

  async create(quay, inputs) {
    return {
      ...inputs,
      ...(await quay.robots.create(inputs.organization, inputs.name, "Made by pulumi-chart-mirror")),
    };
  },

  async update(quay, state, inputs) {
    const { organization, name } = inputs;
    if (inputs.rotation !== state.rotation) return { ...inputs, ...(await quay.robots.regenerate(organization, name)) };
    const { username, token } = (await quay.robots.find(organization, name)) ?? state;
    return { ...inputs, username, token };
  },

  async remove(quay, { organization, name }) {
    await quay.robots.delete(organization, name);
  },
};
