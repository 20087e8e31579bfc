/**
 * The MLS engine port over OpenMLS in WebAssembly (`libs/mls-wasm`).
 *
 * A state is an immutable map of records; the binding's `Group` handle is mutable. Every operation
 * here is: take the state's handle (or load one from its records), call it, collect the records
 * that it changed, and put the handle under the next state. After a failure the handle goes back
 * under the old state if nothing was written, and is freed otherwise.
 *
 * Note [Store before you send]. `encrypt`, `commit` and `decrypt` use up a ratchet step. If the
 * process dies after the result was used and before `changes` were stored, the next start loads the
 * older records and uses the same step again: for `encrypt`, two plaintexts under one key and nonce.
 * Nothing in here can prevent that, so the caller stores first, then sends or acknowledges.
 */
import type { Device, Group, Mls, OpenedWelcome } from '@cipherchat/mls-wasm';
import type {
  DeviceKeys,
  GroupState,
  MlsEngine,
  MlsFailure,
  RecordChanges,
  StagedCommit,
  StagedWelcome,
  Step,
} from './engine.js';
import { createGuard, isWasmFailure } from './openmls-engine-guard.js';
import { createHandles } from './openmls-engine-handles.js';
import {
  hex,
  idFromBytes,
  idToBytes,
  identityOf,
  unpackLeaf,
  unpackLeaves,
} from './openmls-engine-leaves.js';
import { applyChanges, ourSuite, pendingOf, summaryOf } from './openmls-engine-results.js';

const noRecords: ReadonlyMap<string, Uint8Array> = new Map();
/** The record that marks an external join whose envelope was not seen yet; named in the binding's `group.rs`. */
const pendingJoinRecord = 'pending-join';

type StagedHandle = { readonly state: GroupState; group: Group | null };
type WelcomeHandle = { readonly opened: OpenedWelcome };

/**
 * An engine over one loaded binding (`loadMls` in `@cipherchat/mls-wasm`). Synchronous; keeps no state
 * but live handles of recent groups. After `engine-lost`, restart the binding and make a new engine.
 */
export function createOpenMlsEngine(mls: Mls): MlsEngine {
  const handles = createHandles((state) => mls.Group.load(idToBytes(state.group), [...state.records]));
  const guard = createGuard(() => handles.abandon());

  /** Runs one operation on the state's handle; `settle` says where the handle goes afterwards. */
  const onHandle = <Value>(state: GroupState, operation: (group: Group) => Value): Value => {
    const group = handles.take(state);
    try {
      return operation(group);
    } catch (thrown) {
      if (isWasmFailure(thrown)) {
        if (group.isClean()) handles.put(state, group);
        else group.free();
      }
      throw thrown;
    }
  };

  const read = <Value>(state: GroupState, query: (group: Group) => Value): Value =>
    guard.demand(() =>
      onHandle(state, (group) => {
        const value = query(group);
        handles.put(state, group);
        return value;
      }),
    );

  /** The next state after an operation on `group`, with what it changed; the handle becomes the next state's. */
  const step = <Output>(
    state: Pick<GroupState, 'group' | 'suite' | 'records'>,
    group: Group,
    output: Output,
  ): Step<Output> => {
    const { records, changes } = applyChanges(state.records, group.takeChanges());
    const next: GroupState = { group: state.group, suite: state.suite, records };
    handles.put(next, group);
    return { next, changes, ...output };
  };

  const withDevice = <Value>(keys: DeviceKeys, use: (device: Device) => Value): Value => {
    const device = new mls.Device(identityOf(keys), keys.leafKey, keys.leafSecret);
    try {
      return use(device);
    } finally {
      device.free();
    }
  };

  return {
    generateDeviceKeys({ user, device }) {
      const pair = guard.demand(() => mls.generateLeafKey());
      return { user, device, leafSecret: pair.slice(0, 32), leafKey: pair.slice(32) };
    },

    generateKeyPackage({ keys, suite, lastResort, notBeforeS, notAfterS }) {
      const made = guard.demand(() =>
        withDevice(keys, (device) =>
          mls.generateKeyPackage(device, suite, lastResort, notBeforeS, notAfterS),
        ),
      );
      return {
        ref: hex(made.ref),
        publicBytes: made.publicBytes,
        privateRecords: new Map(made.records.put),
        lastResort,
        notAfterS,
      };
    },

    inspectKeyPackage({ publicBytes, nowS }) {
      return guard.attempt(() => {
        const { ref, suite, lastResort, notAfterS, leaf } = mls.inspectKeyPackage(publicBytes, nowS);
        return {
          kind: 'key-package',
          info: { ...unpackLeaf(leaf), ref: hex(ref), suite: ourSuite(suite), lastResort, notAfterS },
        };
      });
    },

    createGroup({ keys, group: id, suite, nowS }) {
      return guard.demand(() => {
        const group = withDevice(keys, (device) => mls.Group.create(device, idToBytes(id), suite, nowS));
        return step({ group: id, suite, records: noRecords }, group, { kind: 'created' });
      });
    },

    members: (state) => read(state, (group) => unpackLeaves(group.members())),
    epoch: (state) => read(state, (group) => group.epoch()),
    epochAuthenticator: (state) => read(state, (group) => group.epochAuthenticator()),
    exportSecret: ({ state, label, context, length }) =>
      read(state, (group) => group.exportSecret(label, context, length)),
    hasPendingCommit: (state) => read(state, (group) => group.hasPending()),

    commit({ state, keys, add, remove, nowS }) {
      return guard.attempt(() =>
        onHandle(state, (group) => {
          const identities = remove.map(identityOf);
          const made = withDevice(keys, (device) => group.commit(device, [...add], identities, nowS));
          return step(state, group, { kind: 'pending', ...pendingOf(made) });
        }),
      );
    },

    mergePending({ state, atS }) {
      return guard.attempt(() =>
        onHandle(state, (group) => {
          const summary = summaryOf(group.mergePending(atS));
          return step(state, group, { kind: 'merged', summary });
        }),
      );
    },

    clearPending(state) {
      if (state.records.has(pendingJoinRecord)) {
        const changes: RecordChanges = { put: [], remove: [...state.records.keys()] };
        return { kind: 'cleared', next: { ...state, records: noRecords }, changes };
      }
      return guard.demand(() =>
        onHandle(state, (group) => {
          group.clearPending();
          return step(state, group, { kind: 'cleared' });
        }),
      );
    },

    externalCommit({ keys, groupInfo, nowS }) {
      return guard.attempt(() => {
        const join = withDevice(keys, (device) => new mls.ExternalJoin(device, groupInfo, nowS));
        try {
          const made = pendingOf(join.pending);
          const group = join.takeGroup();
          const state = {
            group: idFromBytes(group.groupId()),
            suite: ourSuite(group.suite()),
            records: noRecords,
          };
          return step(state, group, { kind: 'pending', ...made });
        } finally {
          join.free();
        }
      });
    },

    inspectCommit({ state, commit, atS }) {
      return guard.attempt(() =>
        onHandle(state, (group) => {
          const summary = summaryOf(group.inspectCommit(commit, atS));
          const handle: StagedHandle = { state, group };
          return { kind: 'staged', staged: { summary, handle } };
        }),
      );
    },

    mergeCommit({ state, staged }) {
      const handle = stagedHandle(staged);
      const group = handle.group;
      if (handle.state !== state || group === null)
        throw new TypeError('a staged commit is merged once, into the state it came from');
      handle.group = null;
      return guard.demand(() => {
        group.mergeStaged();
        return step(state, group, { kind: 'merged' });
      });
    },

    inspectWelcome({ keys, welcome, keyPackages }) {
      return guard.attempt(() => {
        for (const ref of mls.welcomeRefs(welcome)) {
          const keyPackageRef = hex(ref);
          const records = keyPackages.get(keyPackageRef);
          if (records === undefined) continue;
          const opened = new mls.OpenedWelcome(welcome, [...records]);
          const staged = stagedWelcome(opened, keyPackageRef);
          if (!staged.members.some((member) => member.user === keys.user && member.device === keys.device)) {
            opened.free();
            return noKeyPackage;
          }
          return { kind: 'staged', staged };
        }
        return noKeyPackage;
      });
    },

    joinWelcome(staged) {
      const { opened } = welcomeHandle(staged);
      return guard.demand(() => {
        const group = opened.join();
        opened.free();
        return step({ group: staged.group, suite: staged.suite, records: noRecords }, group, {
          kind: 'joined',
        });
      });
    },

    encrypt({ state, keys, plaintext }) {
      return guard.attempt(() =>
        onHandle(state, (group) => {
          const epoch = group.epoch();
          const ciphertext = withDevice(keys, (device) => group.encrypt(device, plaintext));
          return step(state, group, { kind: 'encrypted', ciphertext, epoch });
        }),
      );
    },

    decrypt({ state, ciphertext }) {
      return guard.attempt(() =>
        onHandle(state, (group) => {
          const { sender, plaintext, epoch } = group.decrypt(ciphertext);
          return step(state, group, { kind: 'message', sender: unpackLeaf(sender), plaintext, epoch });
        }),
      );
    },
  };
}

const noKeyPackage: MlsFailure = { kind: 'failure', code: 'no-key-package' };

function stagedWelcome(opened: OpenedWelcome, keyPackageRef: string): StagedWelcome {
  const { group, suite, members, inviter, epoch } = opened.info;
  const handle: WelcomeHandle = { opened };
  return {
    group: idFromBytes(group),
    suite: ourSuite(suite),
    members: unpackLeaves(members),
    inviter: unpackLeaf(inviter),
    epoch,
    keyPackageRef,
    handle,
  };
}

/** The port's `handle` is opaque to callers; only this file makes one. */
const stagedHandle = (staged: StagedCommit): StagedHandle => staged.handle as StagedHandle;
const welcomeHandle = (staged: StagedWelcome): WelcomeHandle => staged.handle as WelcomeHandle;
