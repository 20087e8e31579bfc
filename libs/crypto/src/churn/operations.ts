/** The operations of a run. Each ends with everything delivered and everybody in agreement. */
import { pad } from '../padding.js';
import { giveUp, offer, prepare, type Intent } from './commits.js';
import type { OperationKind } from './counts.js';
import { deliver } from './delivery.js';
import type { ChurnDevice } from './device.js';
import { drawIntent, redrawn, type IntentKind } from './intents.js';
import { expectFailure, expectSuccess, members, newEnvelope, type Run } from './run-state.js';

const maxBurst = 3;
const maxMessageBytes = 900;
const latePercent = 7;
const retryPercent = 60;
const diskLostPercent = 50;
/** The log takes a message that is at most this many update-only commits late. */
const maxCommitsLate = 3;

/** Carries out one operation, or `false` where the group cannot do it now. */
export function operate(run: Run, kind: OperationKind): boolean {
  switch (kind) {
    case 'message':
      return sendMessages(run);
    case 'crash':
      return crashSomewhere(run);
    case 'lost-race':
      return race(run);
    case 'add':
    case 'remove':
    case 'update':
    case 'external-rejoin':
    case 'external-join':
    case 'last-resort-join':
      return commitOnce(run, kind);
  }
}

function commitOnce(run: Run, kind: IntentKind): boolean {
  const intent = drawIntent(run, kind) ?? drawIntent(run, kind === 'remove' ? 'add' : 'remove');
  if (intent === null) return false;
  carryOut(run, intent);
  return true;
}

function updateOf(by: ChurnDevice): Intent {
  return { kind: 'update', by };
}

function carryOut(run: Run, intent: Intent): void {
  // A device that comes back may have lost its disk, or only its trust in it.
  if (intent.kind === 'external-rejoin' && run.random.chance(diskLostPercent)) intent.by.leave(null);
  const answer = offer(run, prepare(run, intent));
  if (answer.kind !== 'accepted') throw new Error(`the log refused the only ${intent.kind}`);
  deliver(run);
}

function sendMessages(run: Run): boolean {
  if (run.random.chance(latePercent)) sendLate(run);
  else
    for (let left = 1 + run.random.below(maxBurst); left > 0; left--)
      send(run, run.random.pick(members(run)))();
  deliver(run);
  return true;
}

/** Encrypts and stores; the returned function offers it to the log. */
function send(run: Run, sender: ChurnDevice): () => void {
  const envelope = newEnvelope(run);
  const plaintext = pad(run.random.bytes(1 + run.random.below(maxMessageBytes)));
  const basedOn = sender.lastCommitSeq;
  const step = expectSuccess(
    `${sender.name} encrypts`,
    run.engine.encrypt({ state: sender.state, keys: sender.keys, plaintext }),
  );
  run.plaintexts.set(envelope, plaintext);
  sender.keep(step);
  sender.sent.add(envelope);
  return () => {
    const answer = run.log.appendMessage({ envelope, bytes: step.ciphertext, basedOn });
    if (answer.kind !== 'accepted') throw new Error(`the log refused ${envelope} of ${sender.name}`);
    run.counts.message += 1;
  };
}

/** A message that reaches the log only after update commits of others. */
function sendLate(run: Run): void {
  const append = send(run, run.random.pick(members(run)));
  for (let left = 1 + run.random.below(maxCommitsLate); left > 0; left--) commitOnce(run, 'update');
  append();
}

/** Two or three commits for the same place in the log: one wins. */
function race(run: Run): boolean {
  const kinds: readonly IntentKind[] = [
    'update',
    'add',
    'remove',
    'external-rejoin',
    'external-join',
    'last-resort-join',
  ];
  const racers = run.random.shuffled(members(run)).slice(0, 2 + run.random.below(2));
  const intents = racers.map(
    (racer) =>
      drawIntent(run, run.random.pick(kinds), racer) ?? drawIntent(run, 'remove', racer) ?? updateOf(racer),
  );
  const distinct = intents.filter(({ by }, index) => intents.findIndex((other) => other.by === by) === index);
  if (distinct.length < 2) return false;
  const [winner, ...losers] = run.random.shuffled(distinct.map((intent) => prepare(run, intent)));
  if (winner === undefined || offer(run, winner).kind !== 'accepted')
    throw new Error('the log refused the first of several commits');
  for (const loser of losers) {
    if (offer(run, loser).kind !== 'stale') throw new Error('the log took a second commit for one place');
    // An external joiner has nothing to go back to; a member may learn of its loss from the answer or from the log.
    if (loser.intent.by.joining !== null || run.random.chance(50)) giveUp(run, loser.intent.by);
  }
  deliver(run);
  for (const { pending, intent } of losers) {
    const witness = run.random.pick(members(run));
    const what = `${witness.name} is shown the lost ${intent.kind} of ${intent.by.name}`;
    expectFailure(
      what,
      run.engine.inspectCommit({ state: witness.state, commit: pending.commit, atS: run.log.nowS }),
    );
    run.counts['stale-commit-refused'] += 1;
  }
  run.counts['lost-race'] += 1;
  for (const { intent } of losers) {
    const again = run.random.chance(retryPercent) ? redrawn(run, intent) : null;
    if (again !== null) carryOut(run, again);
  }
  return true;
}

/** Each place where a client can die between two steps of its own. */
function crashSomewhere(run: Run): boolean {
  const { engine, random } = run;
  const device = random.pick(members(run));
  const { keys } = device;
  switch (random.below(8)) {
    case 0: // at rest
      device.crash();
      break;
    case 1: // all at once: a power cut
      for (const each of run.devices) each.crash();
      break;
    case 2: {
      // encrypted and stored, not sent
      const append = send(run, device);
      device.crash();
      append();
      break;
    }
    case 3: // encrypted, not stored: so never sent, and the step is used for another message
      expectSuccess(
        'encrypt',
        engine.encrypt({ state: device.state, keys, plaintext: pad(random.bytes(8)) }),
      );
      device.crash();
      send(run, device)();
      break;
    case 4: {
      // committed and stored; the log has it, and the answer was lost
      const prepared = prepare(
        run,
        drawIntent(run, random.chance(50) ? 'add' : 'remove', device) ?? updateOf(device),
      );
      device.crash();
      if (!engine.hasPendingCommit(device.state)) throw new Error(`${device.name} forgot its pending commit`);
      offer(run, prepared);
      break;
    }
    case 5: {
      // an external commit, the same
      const prepared = prepare(run, { kind: 'external-rejoin', by: device });
      device.crash();
      offer(run, prepared);
      break;
    }
    case 6: // read, not stored
      device.crashAt = 'decrypt';
      send(run, random.pick(members(run).filter((other) => other !== device)))();
      break;
    default: {
      // a commit looked at, or a welcome joined, not stored
      const other = random.pick(members(run).filter((each) => each !== device));
      const intent = drawIntent(run, 'add', other) ?? updateOf(other);
      const [joiner] = 'joiners' in intent ? intent.joiners : [];
      if (joiner === undefined) device.crashAt = 'merge';
      else joiner.device.crashAt = 'join';
      offer(run, prepare(run, intent));
    }
  }
  deliver(run);
  const stillDue = run.devices.find(({ crashAt }) => crashAt !== null);
  if (stillDue !== undefined) throw new Error(`${stillDue.name} was to crash and did not`);
  run.counts.crash += 1;
  return true;
}
