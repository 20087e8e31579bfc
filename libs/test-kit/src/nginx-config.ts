/** The templates of `deploy/nginx`, filled in. What the variables mean is in the README there. */

export type NginxSettings = {
  /** Address and port, as `listen` takes them. */
  readonly listen: string;
  readonly transport:
    | { readonly kind: 'plain' | 'tls-in-front' }
    | { readonly kind: 'tls'; readonly certFile: string; readonly keyFile: string };
  /** The networks of proxies that tell the client's address; none unless said. */
  readonly proxiesInFront?: readonly string[];
  /** What one address may do. */
  readonly perAddress?: { readonly connections: number; readonly requestsPerSecond: number };
  readonly webRoot: string;
  readonly runFolder: string;
  readonly instance: string;
  /** Addresses and ports. */
  readonly auth: string;
  readonly keyDirectory: string;
  readonly messageStore: string;
  readonly gateways: readonly string[];
};

/** On one machine everybody has the same address, generators of load among them. */
const ofThisMachine = { connections: 4_000, requestsPerSecond: 2_000 };

/** Needs no quotes, and cannot end its directive. */
const plainValue = /^[\w./:[\]-]*$/;
/** Stands in quotes, where nginx still reads variables. */

const quotedValue = /^[^"\\$\u0000-\u001f]*$/;

/** @throws RangeError for a value that would not stay one value */
export function nginxVariables(settings: NginxSettings): Readonly<Record<string, string>> {
  const { transport, gateways, proxiesInFront = [], perAddress = ofThisMachine } = settings;
  const paths = {
    TLS_CERT_FILE: transport.kind === 'tls' ? transport.certFile : '',
    TLS_KEY_FILE: transport.kind === 'tls' ? transport.keyFile : '',
    WEB_ROOT: settings.webRoot,
    RUN_FOLDER: settings.runFolder,
  };
  const words = {
    LISTEN: settings.listen,
    WORKERS: 'auto',
    TRANSPORT: transport.kind,
    ADDRESS_CONNECTIONS: String(perAddress.connections),
    ADDRESS_REQUESTS: String(perAddress.requestsPerSecond),
    SERVICE_INSTANCE: settings.instance,
    AUTH_SERVER: settings.auth,
    KEY_DIRECTORY_SERVER: settings.keyDirectory,
    MESSAGE_STORE_SERVER: settings.messageStore,
  };
  const bad = [
    ...[...Object.values(words), ...gateways, ...proxiesInFront].filter((value) => !plainValue.test(value)),
    ...Object.values(paths).filter((value) => !quotedValue.test(value)),
  ];
  if (bad.length > 0) throw new RangeError(`nginx cannot be told ${JSON.stringify(bad)}`);
  return {
    ...words,
    ...paths,
    PROXIES_IN_FRONT: proxiesInFront.map((network) => `set_real_ip_from ${network};`).join(' '),
    // The socket is on the same origin.
    CONNECT_SOURCES: "'self'",
    GATEWAY_SERVERS: gateways.map((address) => `server ${address} max_fails=0;`).join(' '),
  };
}

/** What `envsubst` does: `${NAME}` becomes its value; `$name`, which is nginx's own, stays. @throws RangeError for a name without a value */
export function renderTemplate(template: string, variables: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new RangeError(`the template names ${name}, which has no value`);
    return value;
  });
}
