export { CouldNotRun } from './could-not-run.ts';
export { drill, type DrillOptions } from './drill.ts';
export { brokenOf, isWithin, promiseText, type JudgedPromise } from './promises.ts';
export type { ScenarioReport } from './report.ts';
export { listScenarios } from './scenario-files.ts';
