import { parseIndexes } from "../../../src/copy/kubernetesJob/completionIndexes";

test.each([
  [undefined, []],
  ["", []],
  ["0", [0]],
  ["1,3-5,7", [1, 3, 4, 5, 7]],
  ["10-11", [10, 11]],
])("parseIndexes(%j) is %j", (text, indexes) => expect(parseIndexes(text)).toEqual(indexes));
