import * as grpc from "@grpc/grpc-js";
import type { ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { RegisterResourceOutputsRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { encode, type PropertyMap } from "./propertyValue";

/** A resource that a component makes. */
export interface ChildResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: PropertyMap;
  /** URNs of what must be there before it. */
  readonly dependencies: readonly string[];
  readonly retainOnDelete: boolean;
}

/** What a provider that constructs a component says to the engine. */
export interface ResourceMonitor {
  /** Registers the component itself, with the options that the program gave it, and returns its URN. */
  registerComponent(): Promise<string>;
  /** Registers a child of the component and returns once it is there; in previews without an id. */
  registerChild(component: string, child: ChildResource): Promise<{ urn: string; id: string }>;
  registerOutputs(component: string, outputs: PropertyMap): Promise<void>;
}

/**
 * The engine as the provider of one component sees it. Children take the provider that the program gave the component,
 * or the default one of this version.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto
 */
export function monitorOf(request: ConstructRequest, packageName: string, version: string): ResourceMonitor {
  const engine = new ResourceMonitorClient(request.getMonitorendpoint(), grpc.credentials.createInsecure());
  const register = (registration: RegisterResourceRequest): Promise<{ urn: string; id: string }> => {
    registration.setAcceptsecrets(true);
    registration.setAcceptresources(true);
    registration.setSupportspartialvalues(true);
    return new Promise((resolve, reject) =>
      engine.registerResource(registration, (error, response) => {
        if (error) reject(new Error(error.details));
        else resolve({ urn: response.getUrn(), id: response.getId() });
      }),
    );
  };
  return {
    async registerComponent() {
      const component = new RegisterResourceRequest();
      component.setType(request.getType());
      component.setName(request.getName());
      component.setParent(request.getParent());
      component.setDependenciesList(request.getDependenciesList());
      component.setAliasesList(request.getAliasesList());
      component.setAliasspecs(true);
      if (request.hasProtect()) component.setProtect(request.getProtect() ?? false);
      request.getProvidersMap().forEach((reference, name) => component.getProvidersMap().set(name, reference));
      return (await register(component)).urn;
    },
    registerChild(parent, { type, name, inputs, dependencies, retainOnDelete }) {
      const child = new RegisterResourceRequest();
      child.setCustom(true);
      child.setType(type);
      child.setName(name);
      child.setParent(parent);
      child.setObject(encode(inputs));
      child.setDependenciesList([...dependencies]);
      child.setRetainondelete(retainOnDelete);
      child.setVersion(version);
      child.setProvider(request.getProvidersMap().get(packageName) ?? "");
      return register(child);
    },
    registerOutputs(component, outputs) {
      const message = new RegisterResourceOutputsRequest();
      message.setUrn(component);
      message.setOutputs(encode(outputs));
      return new Promise((resolve, reject) =>
        engine.registerResourceOutputs(message, (error) => (error ? reject(new Error(error.details)) : resolve())),
      );
    },
  };
}

/** How the wire format writes a resource among values. */
export function resourceReference(urn: string, id: string, packageVersion: string): PropertyMap {
  return { "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e", urn, id, packageVersion };
}
