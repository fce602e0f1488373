import { ParticipantKind, Track } from 'livekit-client';
import { describe, expect, it } from 'vitest';
import { fakeParticipant, fakeRoom } from '../testing/fake-room';
import { snapshotOf } from './snapshot';

const { Camera, Microphone, ScreenShare } = Track.Source;
const me = fakeParticipant({ identity: 'me', isLocal: true, tracks: [{ source: ScreenShare }] });

function keys(...others: ReturnType<typeof fakeParticipant>[]): string[] {
  return snapshotOf(fakeRoom(me, others)).tiles.map((tile) => tile.key);
}

describe('snapshotOf', () => {
  it('puts oneself first and the others in the order of coming', () => {
    const late = fakeParticipant({ identity: 'late', joinedAt: 20 });
    const early = fakeParticipant({ identity: 'early', joinedAt: 10 });
    expect(keys(late, early)).toEqual(['me:camera', 'early:camera', 'late:camera']);
  });

  it("has a tile for another's screen and none for the own one", () => {
    const bob = fakeParticipant({ identity: 'bob', tracks: [{ source: ScreenShare }] });
    expect(keys(bob)).toEqual(['me:camera', 'bob:camera', 'bob:screen']);
  });

  it('does not show recorders', () => {
    expect(keys(fakeParticipant({ identity: 'rec', kind: ParticipantKind.EGRESS }))).toEqual([
      'me:camera',
    ]);
  });

  it('shows the identity of who has no name', () => {
    const { people } = snapshotOf(fakeRoom(me, [fakeParticipant({ identity: 'bot-7' })]));
    expect(people[1]?.name).toBe('bot-7');
  });

  it('has a picture only of a camera that is on and received', () => {
    const camera = (muted: boolean, hasTrack: boolean) => {
      const bob = fakeParticipant({
        identity: 'bob',
        tracks: [{ source: Camera, muted, hasTrack }, { source: Microphone }],
      });
      return snapshotOf(fakeRoom(me, [bob])).tiles[1]?.video;
    };
    expect(camera(false, true)?.id).toBe('TR_bob_camera');
    expect(camera(true, true)).toBeUndefined();
    expect(camera(false, false)).toBeUndefined();
  });

  it('gives the same source for the same track, so that nothing is attached anew', () => {
    const bob = fakeParticipant({ identity: 'bob', tracks: [{ source: Camera }] });
    const room = fakeRoom(me, [bob]);
    expect(snapshotOf(room).tiles[1]?.video).toBe(snapshotOf(room).tiles[1]?.video);
  });
});
