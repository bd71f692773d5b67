const rooms = require("./rooms.cjs");

/** Files of a room, without the rooms inside it. */
const filesOf = ({ room }) =>
  room.endsWith(".ts")
    ? { path: `^src/${room.replace(".", "\\.")}$` }
    : {
        path: `^src/${room}/`,
        pathNot: rooms.filter((other) => other.room.startsWith(`${room}/`)).map((other) => `^src/${other.room}/`),
      };

/** All that stands below a folder, rooms inside it included, but for these rooms. */
const below = (folder, but) => ({ path: `^src/${folder}/`, pathNot: but.map((room) => `^src/${room}/`) });

const above = rooms.flatMap((room, at) => {
  const higher = rooms.slice(at + 1);
  return higher.map((to) => ({
    name: "room-above",
    severity: "error",
    comment: `${room.room} is below ${to.room}: rooms.cjs has the order`,
    from: filesOf(room),
    to: filesOf(to),
  }));
});

/** What the command line may know of Kubernetes. */
const FOR_CLI = ["admission", "clusterImages", "nodeConfiguration", "releaseWatch"].map((room) => `kubernetes/${room}`);

const outOfBounds = rooms.flatMap((room) =>
  (room.not ?? []).map((folder) => ({
    name: "room-out-of-bounds",
    severity: "error",
    comment: `${room.room} must not know ${folder}: rooms.cjs says so`,
    from: filesOf(room),
    to: below(folder, room.room === "cli" ? FOR_CLI : []),
  })),
);

const withoutPulumi = rooms
  .filter(({ pulumi }) => !pulumi)
  .map((room) => ({
    name: "no-pulumi",
    severity: "error",
    comment: `${room.room} must not know Pulumi: take what is needed as an argument`,
    from: filesOf(room),
    to: { path: "(^|node_modules/)@pulumi/" },
  }));

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-room",
      severity: "error",
      comment: "A file of src stands in a room of rooms.cjs, or is the public surface",
      from: { path: "^src/", pathNot: [...rooms.map((room) => filesOf(room).path), "^src/index\\.ts$"] },
      to: {},
    },
    ...above,
    ...outOfBounds,
    ...withoutPulumi,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Types count: a circle of types is one all the same for whoever reads.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
