import type { RejectedJudgement } from '@crossfade/core';
import type { RejectedRecord } from './judgement-batch.ts';
import {
  type ClientKey,
  clientName,
  clientOf,
  count,
  emptyGroup,
  type Group,
  OTHERS,
  seenOf,
  timesOf,
} from './judgement-group.ts';

/** The parts of a rejection that are counted. */
export type CountedRejection = Pick<RejectedJudgement, 'outcome' | 'audience' | 'reason' | 'token'>;

/** Counts like rejections together: by audience and reason; those of verified tokens also by their state and client. */
export interface RejectionGroups {
  /** @param named whether a collector lists the token's client. */
  add(rejection: CountedRejection, named: 'named' | 'unnamed', seenMs: number): void;
  /** In the order in which they were first seen. */
  records(nowMs: number): Omit<RejectedRecord, 'kind'>[];
}

/** What the rejections of one group have in common. */
interface Common {
  readonly audience: CountedRejection['audience'];
  readonly reason: CountedRejection['reason'];
  readonly token?: Pick<NonNullable<CountedRejection['token']>, 'expired' | 'afterClose'> & {
    readonly client: ClientKey;
  };
}

/** @param maxClients how many clients are named; further ones are counted together. */
export function createRejectionGroups(maxClients: number): RejectionGroups {
  const groups = new Map<string, Common & Group>();
  let clients = 0;

  const groupOf = (common: Common): (Common & Group) | undefined => groups.get(keyOf(common));
  const addGroup = (common: Common): Common & Group => {
    const group = { ...common, ...emptyGroup() };
    groups.set(keyOf(common), group);
    return group;
  };

  return {
    add({ audience, reason, token }, named, seenMs) {
      if (token === undefined) {
        const common = { audience, reason };
        return count(groupOf(common) ?? addGroup(common), seenMs);
      }
      const { expired, afterClose, issuedAt, expiresAt } = token;
      const client = named === 'named' ? clientName(token.clientId) : undefined;
      let common = { audience, reason, token: { expired, afterClose, client: client as ClientKey } };
      let group = groupOf(common);
      if (group === undefined && client !== undefined) {
        if (clients < maxClients) clients += 1;
        else {
          common = { ...common, token: { ...common.token, client: OTHERS } };
          group = groupOf(common);
        }
      }
      count(group ?? addGroup(common), seenMs, issuedAt, expiresAt);
    },

    records: (nowMs) =>
      [...groups.values()].map(({ audience, reason, token, ...group }) => ({
        audience,
        reason,
        ...(token !== undefined && {
          token: { afterClose: token.afterClose, ...clientOf(token.client), ...timesOf(group), expired: token.expired },
        }),
        ...seenOf(group, nowMs),
      })),
  };
}

/** A client id is quoted, so that it looks like no other key. */
function keyOf({ audience, reason, token }: Common): string {
  if (token === undefined) return `${audience} ${reason}`;
  const { expired, afterClose, client } = token;
  const name = client === OTHERS ? 'others' : JSON.stringify(client);
  return `${audience} ${reason} ${expired} ${afterClose} ${name}`;
}
