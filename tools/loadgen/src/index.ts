export { KmsClient, type HttpCall, type RegionAccess } from './kms-client.ts';
export {
  startSteadyLoad,
  type SteadyCounts,
  type SteadyLoad,
  type SteadyLoadOptions,
} from './steady-load.ts';
