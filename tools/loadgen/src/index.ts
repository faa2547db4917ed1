export { accessFrom, readClientEnv } from './client-env.ts';
export {
  actionPath,
  KmsClient,
  sendHttps,
  type HttpCall,
  type HttpReply,
  type RegionAccess,
} from './kms-client.ts';
export { median, percentile } from './measurement.ts';
export {
  startSteadyLoad,
  type SteadyCounts,
  type SteadyLoad,
  type SteadyLoadOptions,
} from './steady-load.ts';
