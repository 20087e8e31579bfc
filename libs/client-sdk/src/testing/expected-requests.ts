/** A model of who wants what: what each should think of a conversation, by who began it, what was decided, and which invites were opened. */
import type { ConversationId } from '@cipherchat/protocol';
import type { Standing } from '../views.js';

export class ExpectedRequests {
  /** `<name> <other>`: the first wants to hear from the other. */
  readonly contacts = new Set<string>();
  /** How many each name has let in by the token that it hands out now. */
  readonly letIn = new Map<string, number>();
  private readonly standings = new Map<string, Standing>();
  readonly began = new Map<ConversationId, string>();
  readonly members = new Map<ConversationId, Set<string>>();
  private readonly directs = new Set<ConversationId>();
  private readonly blocks = new Set<string>();
  /** Links with a token that are in force, and whose. */
  private readonly inForce = new Map<string, string>();
  /** By guest and host: what is still to be shown. */
  private readonly toShow = new Map<string, string>();

  standing(name: string, id: ConversationId): Standing | undefined {
    return this.standings.get(`${name} ${id}`);
  }

  directOf(name: string, other: string): ConversationId | null {
    const isOfBoth = (id: ConversationId): boolean =>
      [name, other].every((member) => this.members.get(id)?.has(member) === true);
    return [...this.directs].find(isOfBoth) ?? null;
  }

  begun(by: string, id: ConversationId, others: readonly string[]): void {
    if (this.began.has(id)) return;
    this.began.set(id, by);
    this.members.set(id, new Set([by, ...others]));
    for (const other of others) this.set(other, id, this.knows(other, by) ? 'accepted' : 'request');
    const [peer] = others;
    if (others.length !== 1 || peer === undefined) return;
    this.directs.add(id);
    // It is shown before the first text.
    this.wants(by, peer);
    this.set(by, id, 'accepted');
    this.show(by, peer, id);
  }

  accepted(name: string, id: ConversationId): void {
    this.set(name, id, 'accepted');
    const [other] = [...(this.members.get(id) ?? [])].filter((member) => member !== name);
    if (this.directs.has(id) && other !== undefined) this.wants(name, other);
  }

  declined(name: string, id: ConversationId): void {
    this.set(name, id, 'declined');
    if (!this.directs.has(id)) this.members.get(id)?.delete(name);
  }

  wrote(name: string, id: ConversationId): void {
    this.accepted(name, id);
    if (this.directs.has(id))
      for (const other of this.members.get(id) ?? [])
        if (this.standing(other, id) === 'declined') this.set(other, id, 'request');
  }

  handedOut(host: string, link: string): void {
    this.inForce.set(link, host);
  }

  reset(host: string): void {
    for (const [link, by] of this.inForce) if (by === host) this.inForce.delete(link);
    this.letIn.delete(host);
  }

  opened(guest: string, host: string, link: string): 'let in' | 'asked' {
    this.wants(guest, host);
    this.toShow.set(`${guest} ${host}`, link);
    const direct = this.directOf(guest, host);
    if (direct === null || this.standing(guest, direct) !== 'accepted') return 'asked';
    return this.show(guest, host, direct);
  }

  blocked(name: string, other: string, wish: 'block' | 'unblock'): void {
    if (wish === 'block') this.blocks.add(`${name} ${other}`);
    else this.blocks.delete(`${name} ${other}`);
  }

  private show(guest: string, host: string, direct: ConversationId): 'let in' | 'asked' {
    const link = this.toShow.get(`${guest} ${host}`);
    this.toShow.delete(`${guest} ${host}`);
    const isTaken =
      link !== undefined && this.inForce.get(link) === host && !this.blocks.has(`${host} ${guest}`);
    if (!isTaken || this.standing(host, direct) === 'accepted') return 'asked';
    this.accepted(host, direct);
    this.letIn.set(host, (this.letIn.get(host) ?? 0) + 1);
    return 'let in';
  }

  /** What somebody began is wanted from then on by whom they are a contact of. */
  private wants(name: string, other: string): void {
    if (this.knows(name, other)) return;
    this.contacts.add(`${name} ${other}`);
    for (const [begun, by] of this.began)
      if (by === other && this.standing(name, begun) === 'request') this.set(name, begun, 'accepted');
  }

  private set(name: string, id: ConversationId, standing: Standing): void {
    this.standings.set(`${name} ${id}`, standing);
  }

  private knows(name: string, other: string): boolean {
    return this.contacts.has(`${name} ${other}`);
  }
}
