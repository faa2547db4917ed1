export type {
  CallOptions,
  CallResult,
  Endpoint,
  FrameContext,
  FrameHandler,
  FrameMethod,
  MeshClient,
  ServiceIdentity,
  ServiceName,
  TlsIdentity,
} from './ports.ts';
