import { describeStorage } from '../testing/storage-behaviour.ts';
import { createMemoryStorage } from './memory-storage.ts';

describeStorage('memory', async () => ({ storage: createMemoryStorage(), close: async () => {} }));
