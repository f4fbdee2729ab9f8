import { describe, expect, it } from 'vitest';
import { describeOpenConnections } from '../../src/gate/open-connections.ts';

describe('describeOpenConnections', () => {
  it.each([
    [undefined, undefined],
    [null, undefined],
    [{ legacy: 0, bridge: 3 }, undefined],
    [
      { legacy: 1, bridge: 3 },
      '1 connection opened with a legacy token is still open (WebSocket, gRPC or event streams): a close does not end it (crossfade stragglers names the clients)',
    ],
    [
      { legacy: 12, bridge: 0 },
      '12 connections opened with legacy tokens are still open (WebSocket, gRPC or event streams): a close does not end them (crossfade stragglers names the clients)',
    ],
  ])('of %j says %s', (open, text) => {
    expect(describeOpenConnections(open, undefined)).toBe(text);
    expect(describeOpenConnections(open, { legacyConnections: 'keep' })).toBe(text);
  });

  it('says that a close ends them where the plan tells the sidecar to', () => {
    const end = { legacyConnections: 'end' } as const;
    expect(describeOpenConnections({ legacy: 2, bridge: 0 }, end)).toContain(
      ': a close ends them (sidecar.legacyConnections: end)',
    );
    expect(describeOpenConnections({ legacy: 0, bridge: 0 }, end)).toBeUndefined();
  });
});
