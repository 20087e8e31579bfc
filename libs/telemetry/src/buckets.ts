/** The buckets of histograms. Each bound is a time series: a list is as short as its question allows. */
import type { Buckets } from './metric-definition.js';

export const durationBuckets: Buckets = {
  bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10],
  why: 'From a memory hit to the drain timeout, with the delivery target (200 ms) as a bound of its own.',
};

export const stageBuckets: Buckets = {
  bounds: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5],
  why: 'A step of a delivery takes a millisecond or two; the delivery target (200 ms) is a bound, and the last one is when a request is given up.',
};

export const dependencyBuckets: Buckets = {
  bounds: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5, 10],
  why: 'From a hit in memory to the longest statement timeout; fewer than elsewhere, since each operation has its own.',
};

export const acknowledgeBuckets: Buckets = {
  bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  why: 'A quiet device acknowledges at once, a busy one every second, one that is not looked at when its system lets it; after minutes it is stuck.',
};

export const pendingBuckets: Buckets = {
  bounds: [0, 1, 2, 5, 10, 20, 50, 100, 1000],
  why: 'Mostly nothing or one; a full page is 100, and more than that is a device that was long away.',
};

export const stockBuckets: Buckets = {
  bounds: [0, 10, 25, 50, 75, 100],
  why: 'A device keeps 100 and fills up from 80 down; below 25 it is asked for faster than it fills up.',
};

export const batchBuckets: Buckets = {
  bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
  why: 'Doubling, from one item to the most that one transaction takes.',
};
