/** What a device tells of what it could not read. Real: all of the client. Faked: the engine, the services, time. */
import { describe, expect, it } from '@jest/globals';
import { limits } from '@cipherchat/protocol';
import { everybodyCanTalk, groupWithMallory, marksOf, type RepairStory } from './testing/repair-story.js';

const reportsOf = ({ world }: RepairStory) => world.network.server.reports;
/** Past the longest wait. */
const soonMs = 2 * limits.failureReportIntervalMs;

describe('a device that could not read something', () => {
  it('says how much and why, a minute later at least, and nothing that names it or what it was', async () => {
    const story = await groupWithMallory(231, ['ana']);
    story.mallory.sendMalformed();
    story.mallory.sendNonsense(2);
    await story.world.clock.runUntil(async () => (await marksOf(story)).length === 3);
    await story.world.clock.run(limits.failureReportIntervalMs / 2);
    expect(reportsOf(story)).toEqual([]);
    await story.world.clock.run(soonMs);
    expect(reportsOf(story).map(({ failures }) => failures)).toEqual([
      [
        { cause: 'malformed', count: 1 },
        { cause: 'not-authentic', count: 2 },
      ],
    ]);
    await everybodyCanTalk(story, 'after');
    await story.world.clock.run(10 * soonMs);
    expect(reportsOf(story)).toHaveLength(1);
  });

  it('says it once a minute at most, whatever comes', async () => {
    const story = await groupWithMallory(232, ['ana']);
    const minutes = 10;
    for (let second = 0; second < minutes * 60; second += 10) {
      story.mallory.sendNonsense(1);
      await story.world.clock.run(10_000);
    }
    await story.world.clock.run(soonMs);
    const reports = reportsOf(story);
    expect(reports.length).toBeGreaterThanOrEqual(minutes / 2);
    expect(reports.length).toBeLessThanOrEqual(minutes + 1);
    const count = reports
      .flatMap(({ failures }) => failures)
      .reduce((sum, failure) => sum + failure.count, 0);
    expect(count).toBe(minutes * 6);
  });

  it('says it when it is connected again, where it was not', async () => {
    const story = await groupWithMallory(233, ['ana']);
    const [ana] = story.honest;
    story.mallory.sendMalformed();
    await story.world.clock.runUntil(async () => (await marksOf(story)).length === 1);
    ana?.goOffline();
    await story.world.clock.run(3 * soonMs);
    expect(reportsOf(story)).toEqual([]);
    ana?.goOnline();
    await story.world.clock.run(2 * soonMs);
    expect(reportsOf(story).map(({ failures }) => failures)).toEqual([[{ cause: 'malformed', count: 1 }]]);
  });
});

describe('a person who keeps it to themselves', () => {
  it('has nothing told from then on, also of what was not told yet, until they say otherwise', async () => {
    const story = await groupWithMallory(234, ['ana']);
    const [ana] = story.honest;
    expect(ana?.client.failureReports).toBe('sent');
    story.mallory.sendNonsense(1);
    await story.world.clock.runUntil(async () => (await marksOf(story)).length === 1);
    await ana?.client.setFailureReports('kept');
    story.mallory.sendNonsense(1);
    await story.world.clock.run(2 * soonMs);
    ana?.crash();
    await ana?.restart();
    expect(ana?.client.failureReports).toBe('kept');
    story.mallory.sendNonsense(1);
    await story.world.clock.run(2 * soonMs);
    expect(reportsOf(story)).toEqual([]);
    await ana?.client.setFailureReports('sent');
    story.mallory.sendNonsense(1);
    await story.world.clock.run(2 * soonMs);
    expect(reportsOf(story).map(({ failures }) => failures)).toEqual([
      [{ cause: 'not-authentic', count: 1 }],
    ]);
  });
});
