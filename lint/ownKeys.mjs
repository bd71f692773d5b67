import ts from "typescript";

/**
 * Keys that strangers wrote are read and written as own properties alone. `values[key]` walks the prototype: a key
 * `__proto__` there reaches what all objects of the process share, and `toString` finds a function. What a program's
 * types say of an object does not matter, only where the key came from: a key whose type is no list of known words is
 * taken to come from a stranger.
 */
export const ownKeys = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      read: "A key that is no known word may be `__proto__` or `toString`: read it with own() of json.ts, or use a Map.",
      write: "A key that is no known word may be `__proto__`: write it with setOwn() of json.ts, or use a Map.",
      has: "`in` finds what every object inherits, `toString` for example: use Object.hasOwn.",
      forIn: "`for … in` walks what an object inherits: use Object.keys.",
      assign:
        "Object.assign gives the target another prototype where a source has a key `__proto__`: spread the objects.",
      proto:
        '`__proto__` is the prototype of an object, in a literal too: a key of that name is written ["__proto__"].',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    const checker = services.program.getTypeChecker();
    const anyText =
      ts.TypeFlags.Any |
      ts.TypeFlags.Unknown |
      ts.TypeFlags.String |
      ts.TypeFlags.TemplateLiteral |
      ts.TypeFlags.StringMapping;

    /** Whether a key may be any text. What a cast says of it is not believed. */
    const isForeign = (key) => {
      while (["TSAsExpression", "TSNonNullExpression", "TSTypeAssertion"].includes(key.type)) key = key.expression;
      const type = services.getTypeAtLocation(key);
      const known = checker.getBaseConstraintOfType(type) ?? type;
      return (known.isUnion() ? known.types : [known]).some(({ flags }) => (flags & anyText) !== 0);
    };
    const isWritten = ({ parent }, node) =>
      (parent.type === "AssignmentExpression" && parent.left === node) || parent.type === "UpdateExpression";
    const isDeleted = ({ parent }) => parent.type === "UnaryExpression" && parent.operator === "delete";

    return {
      "MemberExpression[computed=true]"(node) {
        if (isDeleted(node) || !isForeign(node.property)) return;
        context.report({ node, messageId: isWritten(node, node) ? "write" : "read" });
      },
      "ObjectPattern > Property[computed=true]"(node) {
        if (isForeign(node.key)) context.report({ node, messageId: "read" });
      },
      "BinaryExpression[operator='in']"(node) {
        if (node.left.type !== "PrivateIdentifier" && isForeign(node.left)) context.report({ node, messageId: "has" });
      },
      ForInStatement: (node) => context.report({ node, messageId: "forIn" }),
      "CallExpression[callee.object.name='Object'][callee.property.name='assign']": (node) =>
        context.report({ node, messageId: "assign" }),
      "Property[computed=false][key.name='__proto__'], Property[computed=false][key.value='__proto__']": (node) =>
        context.report({ node, messageId: "proto" }),
    };
  },
};
