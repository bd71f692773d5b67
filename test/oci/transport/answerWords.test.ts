import { wordsOf } from "../../../src/oci/transport/answerWords";
import { parseApiErrors } from "../../../src/oci/transport/failure";

describe("what an answer says outside of the API's form", () => {
  const json = (value: unknown) => JSON.stringify(value);
  it.each<[string, string, string]>([
    [
      "a message",
      json({ message: "not authorized to perform: ecr:InitiateLayerUpload" }),
      "not authorized to perform: ecr:InitiateLayerUpload",
    ],
    ["an error", json({ error: "forbidden by policy" }), "forbidden by policy"],
    ["an error in an object", json({ error: { code: 403, message: "no", status: "DENIED" } }), "no"],
    [
      "OAuth2's",
      json({ error: "invalid_client", error_description: "unknown client" }),
      "invalid_client: unknown client",
    ],
    ["a detail", json({ detail: "Not permitted." }), "Not permitted."],
    ["details", json({ details: "incorrect username or password" }), "incorrect username or password"],
    [
      "a problem of RFC 9457",
      json({ type: "about:blank", title: "Forbidden", status: 403, detail: "quota" }),
      "Forbidden: quota",
    ],
    ["errors that are texts", json({ errors: ["first", "second"] }), "first; second"],
    ["errors by field", json({ errors: { message: "name is taken" } }), "name is taken"],
    [
      "a fault of a gateway",
      json({ fault: { faultstring: "Rate limit quota violation" } }),
      "Rate limit quota violation",
    ],
    ["the same in two fields", json({ error: "Forbidden", message: "Forbidden" }), "Forbidden"],
    ["a text of JSON", json("denied"), "denied"],
    ["numbers alone", json({ code: 5 }), ""],
    ["an empty object", "{}", ""],
    ["a part of JSON", '{"message":"cut', ""],
    ["a key that objects inherit", json({ toString: "x", ["__proto__"]: { message: "y" } }), ""],
    [
      "an object store's",
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired &amp; more</Message></Error>',
      "AccessDenied: Request has expired & more",
    ],
    [
      "a plain text",
      "Client sent an HTTP request to an HTTPS server.\n",
      "Client sent an HTTP request to an HTTPS server.",
    ],
    [
      "a page with a title",
      "<html>\r\n<head><title>403 Forbidden</title></head><body><h1>No</h1>",
      'the web page "403 Forbidden"',
    ],
    [
      "a page with a heading alone",
      "<!doctype html><body><h1 class='x'>Sign in &gt; here</h1>",
      'the web page "Sign in > here"',
    ],
    ["a page with neither", "<html><body><p>Blocked  by\n<b>policy</b></p>", 'the web page "Blocked by policy"'],
    ["an empty page", "<html></html>", "a web page"],
    ["nothing", "", ""],
    ["white space", " \n ", ""],
    ["bytes", "\u001f\ufffd\u0000\u0001", ""],
    ["errors by names of their own", json({ errors: { base: ["no room"], tag: ["is taken"] } }), "no room; is taken"],
    ["data around a message", json({ data: { message: "no" } }), "no"],
    ["messages with levels", json({ messages: [{ level: "ERROR", message: "blocked" }] }), "blocked"],
    ["other names of a message", json({ statusText: "Forbidden", error_message: "no" }), "no: Forbidden"],
    [
      "a fault of SOAP",
      '<?xml version="1.0"?><s:Envelope><s:Fault><faultstring xml:lang="en">not yours</faultstring></s:Fault></s:Envelope>',
      "not yours",
    ],
  ])("%s", (_, body, words) => {
    expect(wordsOf(Buffer.from(body))).toBe(words);
  });

  it.each<[string, Buffer, string]>([
    ["ISO 8859-1", Buffer.from("Zugriff f\u00fcr Sie verweigert", "latin1"), "Zugriff f\u00fcr Sie verweigert"],
    ["ISO 8859-1, in JSON", Buffer.from('{"message":"Acc\u00e8s refus\u00e9"}', "latin1"), "Acc\u00e8s refus\u00e9"],
    [
      "a page in ISO 8859-1",
      Buffer.from("<html><title>Acc\u00e8s refus\u00e9", "latin1"),
      'the web page "Acc\u00e8s refus\u00e9"',
    ],
    ["UTF-16", Buffer.from("\ufeffdenied", "utf16le"), "denied"],
    ["an archive", Buffer.from([0x1f, 0x8b, 8, 0, 0x91, 0xb2, 0xc3, 0xd4, 0xe5]), ""],
    ["bytes without end", Buffer.from(Array.from({ length: 300 }, (_, i) => 128 + ((i * 7) % 128))), ""],
  ])("in %s", (_, body, words) => {
    expect(wordsOf(body)).toBe(words);
  });

  it.each([
    [{ code: "DENIED", detail: "the licence has ended" }, "DENIED the licence has ended"],
    [{ code: "DENIED", message: "", detail: { reason: "no seat" } }, "DENIED no seat"],
    [{ code: "DENIED", message: "no", detail: [{ Type: "repository", Name: "a" }] }, "DENIED no"],
  ])("as the detail of an error of the API: %#", (error, words) => {
    const body = Buffer.from(JSON.stringify({ errors: [error] }));
    expect(parseApiErrors(body, (said) => said).text).toBe(words);
  });

  it("goes without what is to be kept from others, in one line that is not long", () => {
    const body = Buffer.from(
      "token s3cr3t: Authorization: Bearer eyJhbGciOi.JIUzI1NiIsInR5 at https://store.example.com/b?X-Amz-Signature=abc&y=1\u001b[31m\nno" +
        "x".repeat(5000),
    );
    const { codes, text } = parseApiErrors(body, (said) => said.replaceAll("s3cr3t", "***"));
    expect(codes).toEqual([]);
    expect(text).toMatch(/^token \*\*\*: Authorization: Bearer … at https:\/\/store\.example\.com\/b\? …/);
    for (const hidden of ["eyJ", "X-Amz", "\u001b", "\n"]) expect(text).not.toContain(hidden);
    expect(text.length).toBeLessThanOrEqual(600);
  });

  it.each([
    ["http://user:hunter2@proxy.corp:3128/", "http://…@proxy.corp:3128/"],
    ["https://hunter2@store.corp/a/b", "https://…@store.corp/a/b"],
    ["socks5://u:hun@ter2@proxy.corp", "socks5://…@proxy.corp"],
    ["https://u:hunter2@store.corp/a?hunter2=1", "https://…@store.corp/a? …"],
    [`https://u:${"hunter2".repeat(900)}@store.corp/a`, "https://…@store.corp/a"],
    ["https://store.corp/@scope/a", "https://store.corp/@scope/a"],
  ])("goes without the login in an address: %#", (address, told) => {
    for (const body of [
      `error from ${address} while`,
      JSON.stringify({ errors: [{ message: `at ${address} while` }] }),
    ]) {
      const { text } = parseApiErrors(Buffer.from(body), (said) => said);
      expect(text).toContain(` ${told} while`);
      expect(text).not.toContain("hun");
    }
  });

  it("is read of what comes first alone, however long it is", () => {
    const far = "x".repeat(70_000);
    for (const [body, words] of [
      [`<html>${far}<title>Hidden</title>`, "Hidden"],
      [`<?xml version="1.0"?><Error>${far}<Message>Hidden</Message></Error>`, "Hidden"],
    ] as const)
      expect(wordsOf(Buffer.from(body))).not.toContain(words);
    const errors = [{ code: "DENIED", message: "no" }];
    // What is of the API's form is whole or nothing.
    expect(parseApiErrors(Buffer.from(JSON.stringify({ far, errors })), (said) => said).codes).toEqual(["DENIED"]);
    // A secret is not cut in two before it is looked for.
    const { text } = parseApiErrors(Buffer.from(`a${"\n".repeat(65_530)}s3cr3t-s3cr3t`), (said) =>
      said.replaceAll("s3cr3t-s3cr3t", "***"),
    );
    expect(text).not.toContain("s3cr3t");
  });

  it("is read in a time that grows with it", () => {
    for (const part of ["<title", "<Message>", "<", "&", "http://", "Bearer ", "[", '{"a":']) {
      const text = parseApiErrors(Buffer.from(`<html>${part.repeat(60_000 / part.length)}`), (said) => said).text;
      expect(text.length).toBeLessThanOrEqual(600);
    }
  });
});
