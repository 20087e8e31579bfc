import { describe, expect, it } from '@jest/globals';
import { figuresOf, type StoryReport } from './story-report.js';

const stats = { expected: 2, unexpected: 0, flaky: 0, skipped: 0, duration: 61_400 };
const spec = (
  title: string,
  annotations: StoryReport['suites'][0]['specs'][0]['tests'][0]['annotations'],
) => ({
  title,
  tests: [{ annotations }],
});

describe('the figures of a run of stories', () => {
  it('are one line', () => {
    expect(figuresOf('e2e', { suites: [], stats })).toEqual(['e2e stories=2 passed=2 failed=0 seconds=61']);
  });

  it('count as failed whatever did not pass: skipped, out of time, or tried again', () => {
    const report = { suites: [], stats: { ...stats, unexpected: 1, flaky: 1, skipped: 3 } };
    expect(figuresOf('e2e', report)).toEqual(['e2e stories=7 passed=2 failed=5 seconds=61']);
  });

  it('begin with what was measured, wherever the story stands', () => {
    const suites = [
      {
        specs: [spec('registers', [{ type: 'figure', description: 'seconds=4.2' }])],
        suites: [
          { specs: [spec('hands over', [{ type: 'figure', description: 'ms=300' }, { type: 'slow' }])] },
        ],
      },
    ];
    expect(figuresOf('e2e', { suites, stats }).slice(0, -1)).toEqual([
      'registers: seconds=4.2',
      'hands over: ms=300',
    ]);
  });

  it('end with those that a story puts there', () => {
    const suites = [{ specs: [spec('types', [{ type: 'headline', description: 'typingMs=3.1' }])] }];
    expect(figuresOf('e2e:perf', { suites, stats })).toEqual([
      'e2e:perf stories=2 passed=2 failed=0 seconds=61 typingMs=3.1',
    ]);
  });
});
