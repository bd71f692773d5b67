import { describeScenarios } from "./scenarioSuite";

describeScenarios(501, 750);
