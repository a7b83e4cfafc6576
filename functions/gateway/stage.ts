import type { Stage } from '../shared/stage.ts';

export const gatewayStage = {
  name: 'gateway',
  functions: [{ name: 'gateway' }],
  // Both HTTP functions share a process on the laptop, and so the variables of both.
  settings: ['serving', 'access'],
  timeoutS: 30,
  memoryMb: 1024,
  http: [
    'GET /status/{identifier}',
    'POST /upload/{bucket}/{key+}',
    'PUT /upload/{bucket}/{key+}',
    'GET /download/{bucket}/{key+}',
    'POST /upload-url/{bucket}/{key+}',
  ],
  publishes: [],
} as const satisfies Stage;
