import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { decode, encode } from "./propertyValue";
import { monitorOf } from "./resourceMonitor";
import {
  InitializationFailed,
  type CheckFailure,
  type Checked,
  type Diff,
  type DiffKind,
  type Host,
  type Resource,
  type ResourceProvider,
  type Severity,
} from "./resourceProvider";

/**
 * Serves a resource provider to the engine that started this process with its own address as the only argument. As the
 * engine expects, the first line on the standard output is the port.
 */
export function serve(provider: ResourceProvider): void {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, implementation(provider, engineHost(process.argv[2] ?? "")));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
}

/** A handler for every method of the service; those that are missing here are answered as unimplemented. */
function implementation(provider: ResourceProvider, host: Host): grpc.UntypedServiceImplementation {
  return {
    checkConfig: unary(async (call: messages.CheckRequest) =>
      checkResponse(await provider.checkConfig(decode(call.getNews()))),
    ),
    diffConfig: unary(async (call: messages.DiffRequest) =>
      diffResponse(await provider.diffConfig(decode(call.getOlds()), decode(call.getNews()))),
    ),
    configure: unary(async (call: messages.ConfigureRequest) => {
      const variables = call.getVariablesMap().getEntryList();
      const own = variables.map(([key, value]) => [key.slice(key.lastIndexOf(":") + 1), value] as const);
      await provider.configure(Object.fromEntries(own), host);
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    invoke: unary(async (call: messages.InvokeRequest) => {
      const { result, failures = [] } = await provider.invoke(call.getTok(), decode(call.getArgs()));
      const response = new messages.InvokeResponse();
      response.setReturn(encode(result));
      response.setFailuresList(failures.map(failureMessage));
      return response;
    }),
    check: unary(async (call: messages.CheckRequest) =>
      checkResponse(await provider.check(resource(call.getUrn()), decode(call.getOlds()), decode(call.getNews()))),
    ),
    diff: unary(async (call: messages.DiffRequest) => {
      const request = {
        id: call.getId(),
        olds: decode(call.getOlds()),
        oldInputs: decode(call.getOldInputs()),
        news: decode(call.getNews()),
        ignoreChanges: call.getIgnorechangesList(),
      };
      return diffResponse(await provider.diff(resource(call.getUrn()), request));
    }),
    create: unary(async (call: messages.CreateRequest) => {
      const inputs = decode(call.getProperties());
      const { id, state } = await provider.create(resource(call.getUrn()), inputs, call.getPreview());
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(encode(state));
      return response;
    }),
    update: unary(async (call: messages.UpdateRequest) => {
      const request = {
        id: call.getId(),
        olds: decode(call.getOlds()),
        news: decode(call.getNews()),
        ignoreChanges: call.getIgnorechangesList(),
        preview: call.getPreview(),
      };
      const response = new messages.UpdateResponse();
      response.setProperties(encode(await provider.update(resource(call.getUrn()), request)));
      return response;
    }),
    read: unary(async (call: messages.ReadRequest) => {
      const state = decode(call.getProperties());
      const found = await provider.read(resource(call.getUrn()), call.getId(), state, decode(call.getInputs()));
      const response = new messages.ReadResponse();
      // An empty id says that the resource is gone.
      if (found === undefined) return response;
      response.setId(found.id);
      response.setProperties(encode(found.state));
      response.setInputs(encode(found.inputs));
      return response;
    }),
    delete: unary(async (call: messages.DeleteRequest) => {
      await provider.delete(resource(call.getUrn()), call.getId(), decode(call.getProperties()));
      return new Empty();
    }),
    construct: unary(async (call: messages.ConstructRequest) => {
      const [type, name] = [call.getType(), call.getName()];
      if (provider.construct === undefined) throw new Error(`unknown resource type ${type}`);
      const monitor = monitorOf(call, type.slice(0, type.indexOf(":")), provider.version);
      const { urn, state } = await provider.construct({ type, name, inputs: decode(call.getInputs()) }, monitor);
      const response = new messages.ConstructResponse();
      response.setUrn(urn);
      response.setState(encode(state));
      return response;
    }),
    cancel: unary(() => {
      provider.cancel?.();
      return Promise.resolve(new Empty());
    }),
    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(provider.version);
      return Promise.resolve(info);
    }),
  };
}

function unary<Request, Response>(
  answer: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    answer(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(rpcError(error)),
    );
  };
}

/**
 * A half-made resource travels in the details of the error, which Go's gRPC reads from this trailer.
 *
 * @see https://github.com/grpc/grpc-node/issues/184
 */
function rpcError(error: unknown): grpc.ServiceError {
  const { message, stack } = error as Error;
  const metadata = new grpc.Metadata();
  if (error instanceof InitializationFailed) {
    const failure = new messages.ErrorResourceInitFailed();
    failure.setId(error.id);
    failure.setProperties(encode(error.state));
    failure.setReasonsList([...error.reasons]);
    const details = new Any();
    details.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(message);
    status.addDetails(details);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  } else if (error instanceof TypeError || error instanceof ReferenceError) {
    // A mistake in the double itself: show where.
    process.stderr.write(`${stack}\n`);
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

function resource(urn: string): Resource {
  // urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME
  const [, , types = "", ...name] = urn.split("::");
  return { urn, type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

function failureMessage({ property, reason }: CheckFailure): messages.CheckFailure {
  const failure = new messages.CheckFailure();
  failure.setProperty(property);
  failure.setReason(reason);
  return failure;
}

function checkResponse({ inputs, failures = [] }: Checked): messages.CheckResponse {
  const response = new messages.CheckResponse();
  response.setInputs(encode(inputs));
  response.setFailuresList(failures.map(failureMessage));
  return response;
}

const diffKinds: Readonly<Record<DiffKind, messages.PropertyDiff.Kind>> = {
  add: messages.PropertyDiff.Kind.ADD,
  "add-replace": messages.PropertyDiff.Kind.ADD_REPLACE,
  delete: messages.PropertyDiff.Kind.DELETE,
  "delete-replace": messages.PropertyDiff.Kind.DELETE_REPLACE,
  update: messages.PropertyDiff.Kind.UPDATE,
  "update-replace": messages.PropertyDiff.Kind.UPDATE_REPLACE,
};

function diffResponse(diff: Diff): messages.DiffResponse {
  const response = new messages.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  response.setChanges(diff.changes ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList([...(diff.replaces ?? [])]);
  response.setDeletebeforereplace(diff.deleteBeforeReplace ?? false);
  response.setDiffsList([...(diff.diffs ?? [])]);
  if (diff.details !== undefined) {
    response.setHasdetaileddiff(true);
    for (const [path, { kind, inputDiff }] of Object.entries(diff.details)) {
      const property = new messages.PropertyDiff();
      property.setKind(diffKinds[kind]);
      property.setInputdiff(inputDiff ?? false);
      response.getDetaileddiffMap().set(path, property);
    }
  }
  return response;
}

const severities: Readonly<Record<Severity, LogSeverity>> = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

function engineHost(address: string): Host {
  const engine = new EngineClient(address, grpc.credentials.createInsecure());
  return {
    log: (severity, urn, message) => {
      const request = new LogRequest();
      request.setSeverity(severities[severity]);
      request.setUrn(urn);
      request.setMessage(message);
      return new Promise((resolve) => engine.log(request, () => resolve()));
    },
  };
}
