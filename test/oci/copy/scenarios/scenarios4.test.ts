import { describeScenarios } from "./scenarioSuite";

describeScenarios(751, 1000);
