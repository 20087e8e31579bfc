/**
 * The address that limits count by: the one that the outermost trusted proxy saw. What a client writes into
 * `X-Forwarded-For` itself stands further left, and is not believed.
 */
export function clientAddress(params: {
  readonly remoteAddress: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly trustedProxies: number;
}): string {
  const { remoteAddress, forwardedFor, trustedProxies } = params;
  const forwarded = (forwardedFor ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const chain = [...forwarded, remoteAddress ?? ''];
  return chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? '';
}
