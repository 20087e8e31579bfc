import { parseArgs } from 'node:util';
import { ExplainedError } from '@cipherchat/test-kit';
import { usualDemand, type Demand } from './model.js';

export type CapacityOptions = {
  readonly demand: Demand;
  /** `plan`: from the committed figures. `check`: and compare them with a run. `measure`: make them anew. */
  readonly work: 'plan' | 'check' | 'measure';
  readonly json: boolean;
};

const usage = `npm run capacity -- [--users 1000] [--devices 2.5] [--messages-per-day 60] [--groups 8] [--group-share 0.5]
  [--online-share 0.6] [--peak-hour-share 0.15] [--peak-factor 3] [--retention-days 30] [--undelivered-days 2]
  [--connects-per-day 10] [--additions-per-day 1] [--sign-ins-per-day 0.1] [--check | --measure] [--json]
--users, --devices of each, --messages-per-day of each user, --groups: members of a group, the sender among them.`;

/** @throws ExplainedError */
export function readCapacityOptions(args: readonly string[]): CapacityOptions {
  const values = parse(args);
  const number = (
    name: string,
    text: string | undefined,
    usual: number,
    bounds: readonly [number, number],
  ) => {
    const value = text === undefined ? usual : Number(text);
    const [least, most] = bounds;
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new ExplainedError(`--${name} takes a number from ${least} to ${most}.\n${usage}`);
  };
  const share = [0, 1] as const;
  if (values.check && values.measure)
    throw new ExplainedError(`--check and --measure are two things.\n${usage}`);
  return {
    work: values.check ? 'check' : values.measure ? 'measure' : 'plan',
    json: values.json,
    demand: {
      users: number('users', values.users, 1_000, [1, 100_000_000]),
      devicesPerUser: number('devices', values.devices, 2.5, [1, 100]),
      messagesPerUserPerDay: number('messages-per-day', values['messages-per-day'], 60, [0, 100_000]),
      groupSize: number('groups', values.groups, 8, [2, 1_000]),
      groupShare: number('group-share', values['group-share'], usualDemand.groupShare, share),
      onlineShare: number('online-share', values['online-share'], usualDemand.onlineShare, share),
      peakHourShare: number('peak-hour-share', values['peak-hour-share'], usualDemand.peakHourShare, [
        1 / 24,
        1,
      ]),
      peakFactor: number('peak-factor', values['peak-factor'], usualDemand.peakFactor, [1, 100]),
      retentionDays: number(
        'retention-days',
        values['retention-days'],
        usualDemand.retentionDays,
        [1, 3_650],
      ),
      undeliveredDays: number(
        'undelivered-days',
        values['undelivered-days'],
        usualDemand.undeliveredDays,
        [0, 365],
      ),
      connectsPerDevicePerDay: number(
        'connects-per-day',
        values['connects-per-day'],
        usualDemand.connectsPerDevicePerDay,
        [0, 10_000],
      ),
      additionsPerUserPerDay: number(
        'additions-per-day',
        values['additions-per-day'],
        usualDemand.additionsPerUserPerDay,
        [0, 10_000],
      ),
      signInsPerDevicePerDay: number(
        'sign-ins-per-day',
        values['sign-ins-per-day'],
        usualDemand.signInsPerDevicePerDay,
        [0, 1_000],
      ),
    },
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        users: text,
        devices: text,
        'messages-per-day': text,
        groups: text,
        'group-share': text,
        'online-share': text,
        'peak-hour-share': text,
        'peak-factor': text,
        'retention-days': text,
        'undelivered-days': text,
        'connects-per-day': text,
        'additions-per-day': text,
        'sign-ins-per-day': text,
        check: flag,
        measure: flag,
        json: flag,
      },
    }).values;
  } catch (error) {
    throw new ExplainedError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
