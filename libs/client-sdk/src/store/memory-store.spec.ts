import { describeStoreConformance } from '../testing/store-conformance.js';
import { createMemoryDisk, createMemoryStore } from './memory-store.js';

let disk = createMemoryDisk();
describeStoreConformance('memory', {
  fresh: async () => {
    disk = createMemoryDisk();
  },
  open: async () => createMemoryStore(disk),
});
