export type { DevChange } from './dev/controls-file.ts';
export { refuse, LauncherRefusal } from './refusal.ts';
export { readIfPresent } from './region/durable-file.ts';
export { openOperatorMesh } from './region/mesh-identity.ts';
export { regionPaths, type RegionPaths } from './region/region-paths.ts';
export { serviceNames, type SupervisedService } from './region/zones.ts';
export {
  askControl,
  type ControlReply,
  type ControlRequest,
  type ReplacementView,
  type ZoneAction,
} from './supervisor/control.ts';
export type { ProcessView } from './supervisor/supervisor.ts';
export type { ProcessState } from './supervisor/supervised-process.ts';
export { askOperator } from './tenant/operator.ts';
