/** docs/tracing.md: the list of spans as the catalogue makes it, in words that change with the code beside it. */
import { spanCatalogue } from '../tracing/span-catalogue.js';
import type { AttributeForm, SpanDefinition } from '../tracing/span-definition.js';
import { table } from './markdown-table.js';

const introduction = `<!-- Made from libs/telemetry by \`npm run docs:telemetry\`. Change the source, not this page. -->

# Traces

Off unless a service is told of a collector. Any that takes OTLP over HTTP as JSON will do (the OpenTelemetry Collector, Tempo, Jaeger); spans go to \`/v1/traces\` of its address.

| variable | what it does |
| --- | --- |
| \`OTEL_EXPORTER_OTLP_ENDPOINT\` | The base address of the collector, such as \`http://collector:4318\`. Without it a service records nothing and loads no SDK. |
| \`OTEL_TRACES_SAMPLER_ARG\` | The part of what comes in that is recorded, from 0 to 1; 0.01 unless said. It counts where a request comes in: the coin is thrown once, and what follows in other services is recorded with it, whatever their own part is. 0 records nothing that begins here. |
| \`OTEL_EXPORTER_OTLP_HEADERS\` | Headers for the collector, such as its credentials: \`name=value,name=value\`. |

\`npm start\` passes these on. A collector that is slow or away slows nothing: 4,096 finished spans wait for it in each process, more are dropped, and the log says \`traces.unsent\`, once for each outage. The lines of the log that belong to a recorded request have its \`traceId\`, and [buckets of histograms](metrics.md) name one as an exemplar.

## A message is two traces

1. **To its answer.** \`gateway append\` from the arrival of the frame to the answer; in it the request to the store, which carries the other messages of the same moment as well (a request is in the trace of the first of them that is recorded, and linked with the others); in that \`message-store append\`, with queue, transaction and answer.
2. **To its acknowledgement.** \`message-store publish\` begins another trace, and each gateway that has a socket of a member adds a \`gateway deliver\`, up to the device's acknowledgement.

Nothing leads from one to the other but \`cipherchat.hop\`: 64 random bits, made for this message, which stand in no log, no table and no frame. [Why](decisions/0016-trace-a-message-twice-joined-by-a-hop.md). To follow a slow message: find the one trace, take its hop, search for the other by it.

Recorded are of one message the deliveries to the first 16 users of the conversation, and of one request the first 64 messages.

## What is never in one

Whatever is not in the table below is dropped on its way out, at [one place](../libs/telemetry/src/tracing/listed-spans.ts): ids of people, devices, conversations, envelopes; addresses and paths; the text of statements and the keys of Redis; what an error says (of it there is a code or class from a closed list). A \`traceparent\` that comes from the internet is not looked at, so that nobody can have themselves recorded. What an operator learns from traces all the same is in the [threat model](threat-model.md#someone-who-reads-the-traces).

## Spans`;

/** Long sets stand in the source that they are made from. */
const namedSets: Readonly<Record<string, string>> = {
  'http.route': 'a path as template',
  'messaging.destination.name': 'a [command](protocol/subjects.md)',
  'error.type':
    'a [problem](protocol/errors.md) or one of [these](../libs/telemetry/src/tracing/error-type.ts)',
  'db.collection.name': 'a model of Prisma',
  'db.operation.name': 'an operation of Prisma, or a command of Redis',
  'db.query.summary': 'the name of a statement',
};

export function tracingPage(): string {
  const rows = Object.entries<SpanDefinition>(spanCatalogue).map(([name, definition]) => [
    `\`${name}\``,
    definition.services === 'every' ? 'every' : definition.services.join(', '),
    Object.entries(definition.attributes)
      .map(([attribute, form]) => `\`${attribute}\`: ${formText(attribute, form)}`)
      .join('; '),
    definition.help,
  ]);
  return `${introduction}\n\n${table(['span', 'services', 'attributes', 'what it is'], rows)}\n`;
}

function formText(attribute: string, form: AttributeForm): string {
  switch (form) {
    case 'count':
      return 'a number';
    case 'hop':
      return '16 random hex digits';
    default:
      return namedSets[attribute] ?? form.map((value) => `\`${value}\``).join(' ');
  }
}
