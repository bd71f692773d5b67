import type { EcrRegistry } from "../../../src/registry/ecr/ecrRegistry";
import { mockedEngine, value, type MockedEngine, type MockedResource } from "../../support/providers/mockedEngine";

export const ACCOUNT = "123456789012";
export const HOST = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;

export interface MockedAws {
  readonly engine: MockedEngine;
  /** What is made for an image besides the component and the copy. */
  readonly madeFor: (registry: EcrRegistry, name?: string) => Promise<MockedResource[]>;
}

/** Mocks the engine with the answers of AWS for the tests of a file. */
export function mockedAws(): MockedAws {
  const engine = mockedEngine({
    answers: {
      "aws:index/getCallerIdentity:getCallerIdentity": { accountId: ACCOUNT },
      "aws:index/getRegion:getRegion": { region: "eu-west-1" },
      "aws:ecr/getAuthorizationToken:getAuthorizationToken": {
        userName: "AWS",
        password: "token-1",
        proxyEndpoint: `https://${HOST}`,
      },
    },
  });
  const madeFor: MockedAws["madeFor"] = async (registry, name = "team/web:1.0") => {
    const image = { source: `quay.io/${name}`, target: `${HOST}/platform/${name}`, locations: [] };
    await value(registry.mirrorImages([image], [])[0]!.urn);
    return engine.registered.filter(({ type }) => type.startsWith("aws:"));
  };
  return { engine, madeFor };
}
