import { ban } from './ban.js';

export const noEnum = ban({
  TSEnumDeclaration:
    "Write a union of strings ('open' | 'invite') instead of an enum: it needs no import and is what crosses the wire.",
});

export const noDefaultExport = ban({
  ExportDefaultDeclaration: 'Export it by its name, so that it is called the same wherever it is used.',
  'ExportSpecifier[exported.name="default"]':
    'Export it by its name, so that it is called the same wherever it is used.',
});

export const noExportAll = ban({
  ExportAllDeclaration: 'List the names that you export: what a package offers is read in its index.ts.',
});

const passClock =
  'Take a clock as an argument (nowMs(), as in clock.ts): tests and the simulator own the time.';

export const noClock = ban({
  'MemberExpression[object.name="Date"][property.name="now"]': passClock,
  'NewExpression[callee.name="Date"][arguments.length=0]': passClock,
  'CallExpression[callee.name="Date"]': passClock,
  'MemberExpression[object.name="performance"][property.name="now"]': passClock,
});

export const noChance = ban({
  'MemberExpression[object.name="Math"][property.name="random"]':
    'Take randomness as an argument: for keys and ids it must be cryptographic, and a test must be able to repeat it.',
});

const passTimer =
  'Take a timer as an argument (as in ports/clock.ts): the simulator owns the time, and a test never waits.';

export const noTimer = ban({
  'CallExpression[callee.name=/^set(Timeout|Interval|Immediate)$/]': passTimer,
  'CallExpression[callee.object.name="globalThis"][callee.property.name=/^set(Timeout|Interval|Immediate)$/]':
    passTimer,
  'ImportDeclaration[source.value=/^(node:)?timers/]': passTimer,
});

export const noEnvironment = ban({
  'MemberExpression[object.name="process"][property.name="env"]':
    'Read the environment in the one config.ts of the package, through its schema, and pass the value in: a bad value must stop the start.',
  'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name="env"]':
    'Read the environment in the one config.ts of the package, through its schema, and pass the value in: a bad value must stop the start.',
});
