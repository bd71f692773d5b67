import * as pulumi from "@pulumi/pulumi";
import { refuseUndeclared } from "./declaredInputs";

/** What a program registered, components and resources alike. */
export interface MockedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** The SDK's mocks of the engine, for tests of components without one. */
export interface MockedEngine {
  /** Since the test began. */
  readonly registered: MockedResource[];
  /** Functions of providers, since the test began. */
  readonly called: { readonly token: string; readonly inputs: Record<string, unknown> }[];
  /** What those functions answer, by their tokens; nothing at all, as while a configuration is unknown, for others. */
  answers: Readonly<Record<string, object>>;
}

export interface MockedEngineOptions {
  /** What functions answer when a test begins. */
  readonly answers?: Readonly<Record<string, object>>;
  /** What a resource gets besides its inputs. */
  readonly outputs?: (resource: MockedResource) => object;
  /** Its id; default: its name. */
  readonly id?: (resource: MockedResource) => string;
}

/** Mocks the engine for the tests of a file. What the installed SDKs do not declare is refused. */
export function mockedEngine({ answers = {}, outputs, id }: MockedEngineOptions = {}): MockedEngine {
  const engine: MockedEngine = { registered: [], called: [], answers };
  // Once: what a component registers at its end would not be known to a later test's mocks.
  beforeAll(() =>
    pulumi.runtime.setMocks({
      call: ({ token, inputs }) => {
        refuseUndeclared(token, inputs);
        engine.called.push({ token, inputs: inputs as Record<string, unknown> });
        return engine.answers[token] ?? {};
      },
      newResource: ({ type, name, inputs }) => {
        refuseUndeclared(type, inputs);
        const resource = { type, name, inputs: inputs as Record<string, unknown> };
        engine.registered.push(resource);
        return { id: id?.(resource) ?? name, state: { ...resource.inputs, ...outputs?.(resource) } };
      },
    }),
  );
  beforeEach(() => {
    engine.registered.splice(0);
    engine.called.splice(0);
    engine.answers = answers;
  });
  return engine;
}

/** Waits until something of a type has been registered, which happens once what it depends on is there. */
export async function registration({ registered }: MockedEngine, wanted: string): Promise<MockedResource> {
  for (;;) {
    const found = registered.find(({ type }) => type === wanted);
    if (found) return found;
    await new Promise((done) => setImmediate(done));
  }
}

/** What an Output becomes; never, while it is unknown. */
export const value = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((done) => output.apply(done));
