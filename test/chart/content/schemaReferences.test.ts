import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readChart } from "../../../src/chart/content/chartFiles";
import { foreignSchemas } from "../../../src/chart/content/schemaReferences";
import { helmCommand } from "../../../src/chart/render/helmCommand";
import { ensureTool } from "../../support/tools";
import { chartYaml, writeFiles } from "../chartOnDisk";

const chart = (schema: unknown, place = "") =>
  writeFiles({
    "Chart.yaml": chartYaml("shop"),
    "charts/sub/Chart.yaml": chartYaml("sub"),
    [`${place}values.schema.json`]: JSON.stringify(schema),
    "templates/x.yaml": "kind: Pod\nmetadata: {name: x}\n",
  });

describe("foreignSchemas", () => {
  it.each<[string, unknown, string[]]>([
    ["a file", { $ref: "file:///etc/x.json" }, ["file:///etc/x.json"]],
    ["an address", { properties: { a: { items: [{ $ref: "http://h/x" }] } } }, ["http://h/x"]],
    ["a name beside the chart", { $id: "file:///etc/", $ref: "x.json#/a" }, ["x.json#/a"]],
    ["a language of schemas", { $schema: "http://h/x" }, ["http://h/x"]],
    ["each once", { a: { $dynamicRef: "y" }, b: { $recursiveRef: "y" } }, ["y"]],
    ["itself alone", { $schema: "http://json-schema.org/draft-07/schema#", a: { $ref: "#/definitions/a" } }, []],
    ["a key that is no text", { properties: { $ref: { type: "string" } } }, []],
  ])("are those of a schema that names %s", async (_, schema, expected) => {
    for (const place of ["", "charts/sub/"])
      expect(foreignSchemas(await readChart(await chart(schema, place)))).toEqual(expected);
  });

  it("are not read by Helm when a chart is rendered", async () => {
    const helm = await ensureTool("helm", () => undefined);
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end("{}");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`;
    const render = async (skipSchemas: boolean) =>
      helmCommand(helm, { chart: await chart({ $ref: address }), releaseName: "r", namespace: "n", skipSchemas })({});
    expect(await render(true)).toHaveLength(1);
    expect(asked).toEqual([]);
    // What Helm does of its own.
    await render(false);
    expect(asked).toEqual(["/secret"]);
    server.closeAllConnections();
    server.close();
  }, 900_000);
});
