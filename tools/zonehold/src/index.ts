export { buildStatus, renderStatus, type RegionStatus, type ZoneStatus } from './status-view.ts';
