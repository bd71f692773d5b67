import { roughTime, TransferRate } from "../../../src/cli/copy/transferRate";

describe("TransferRate", () => {
  const RATES: [string, [at: number, bytes: number][], number | undefined][] = [
    [
      "says nothing before a second has passed",
      [
        [0, 0],
        [900, 500],
      ],
      undefined,
    ],
    [
      "is what moved in the time",
      [
        [0, 0],
        [2000, 500],
      ],
      250,
    ],
    [
      "forgets what was before the last five seconds",
      [
        [0, 0],
        [1000, 90_000],
        [6000, 90_000],
        [7000, 90_500],
      ],
      500 / 6,
    ],
    [
      "takes the later of two notes of one time",
      [
        [0, 0],
        [1000, 1],
        [1000, 700],
      ],
      700,
    ],
    [
      "is 0 where something starts anew",
      [
        [0, 900],
        [1000, 100],
      ],
      0,
    ],
  ];
  it.each(RATES)("%s", (_, notes, expected) => {
    const rate = new TransferRate();
    for (const [at, bytes] of notes) rate.note(at, bytes);
    expect(rate.perSecond()).toEqual(expected);
  });

  it("tells since when nothing has moved", () => {
    const rate = new TransferRate();
    expect(rate.still(500)).toBe(0);
    rate.note(1000, 0);
    expect(rate.still(3000)).toBe(2000);
    rate.note(4000, 10);
    rate.note(9000, 10);
    expect(rate.still(9500)).toBe(5500);
  });
});

it.each([
  [0.2, "1 s"],
  [99, "99 s"],
  [100, "2 min"],
  [5399, "90 min"],
  [5400, "2 h"],
])("%p seconds are told as %s", (seconds, told) => {
  expect(roughTime(seconds)).toBe(told);
});
