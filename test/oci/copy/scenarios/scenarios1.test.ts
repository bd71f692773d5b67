import { describeScenarios } from "./scenarioSuite";

describeScenarios(1, 250);
