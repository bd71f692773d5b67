import { describeScenarios } from "./scenarioSuite";

describeScenarios(251, 500);
