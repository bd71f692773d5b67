import ts from "typescript";

const PROTO_PROPERTY = "Property[computed=false]:matches([key.name='__proto__'], [key.value='__proto__'])";
const PROTO_MEMBER = "MemberExpression:matches([property.name='__proto__'], [property.value='__proto__'])";

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
      read: "A key that is no known word may be `__proto__` or `toString`: read it with ownValue() of ownKeys.ts, or use a Map.",
      write: "A key that is no known word may be `__proto__`: write it with setOwnValue() of ownKeys.ts, or use a Map.",
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
    const isWritten = (node) => node.parent.type === "AssignmentExpression" && node.parent.left === node;
    /** Whether an object is written out where it stands, with nothing spread into it that may have any key. */
    const hasKnownKeys = (node) =>
      node.type === "ObjectExpression" &&
      node.properties.every((property) => {
        if (property.type !== "SpreadElement") return !property.computed || !isForeign(property.key);
        const type = services.getTypeAtLocation(property.argument);
        return (type.flags & anyText) === 0 && checker.getIndexInfoOfType(type, ts.IndexKind.String) === undefined;
      });
    const isDeleted = ({ parent }) => parent.type === "UnaryExpression" && parent.operator === "delete";

    return {
      "MemberExpression[computed=true]"(node) {
        if (isDeleted(node) || !isForeign(node.property)) return;
        context.report({ node, messageId: isWritten(node) ? "write" : "read" });
      },
      "ObjectPattern > Property[computed=true]"(node) {
        if (isForeign(node.key)) context.report({ node, messageId: "read" });
      },
      "BinaryExpression[operator='in']"(node) {
        if (node.left.type !== "PrivateIdentifier" && isForeign(node.left)) context.report({ node, messageId: "has" });
      },
      ForInStatement: (node) => context.report({ node, messageId: "forIn" }),
      "CallExpression[callee.object.name='Object'][callee.property.name='assign']"(node) {
        if (!node.arguments.slice(1).every(hasKnownKeys)) context.report({ node, messageId: "assign" });
      },
      [`${PROTO_PROPERTY}, ${PROTO_MEMBER}`]: (node) => context.report({ node, messageId: "proto" }),
    };
  },
};
