import { useMemo, useRef } from 'react';
import type { PersonModel, TileModel } from '../model/meeting';
import type { QualityVerdict } from '../model/quality';
import type { SpeakersView } from '../model/speakers';
import { keepPlaces } from '../model/tiling';
import type { RoomPerson, RoomSnapshot, RoomTile } from './snapshot';
import type { Qualities } from './watch-quality';

export interface TileInputs {
  snapshot: RoomSnapshot;
  speakers: SpeakersView;
  lastSpokeAt: ReadonlyMap<string, number>;
  qualities: Qualities;
  hideSelfView: boolean;
  firstPage: number;
  /** The connection is away, which our own counters of what we send do not notice. */
  interrupted: boolean;
}

/** The tiles in steady places, with who speaks and how well they are received. */
export function useTiles(inputs: TileInputs): TileModel[] {
  const { snapshot, speakers, lastSpokeAt, qualities, hideSelfView, firstPage, interrupted } =
    inputs;
  const places = useRef<string[]>([]);
  return useMemo(() => {
    const people = new Map(snapshot.people.map((person) => [person.identity, person]));
    const tiles = new Map(visibleTiles(snapshot, hideSelfView).map((tile) => [tile.key, tile]));
    places.current = keepPlaces(places.current, [...tiles.keys()], firstPage, {
      speaking: new Set([...speakers.speaking].map(cameraOf)),
      lastSpokeAt: new Map([...lastSpokeAt].map(([who, at]) => [cameraOf(who), at])),
    });
    return places.current.flatMap((key) => {
      const tile = tiles.get(key);
      const person = tile && people.get(tile.identity);
      if (!tile || !person) return [];
      return {
        ...tile,
        name: person.name,
        isLocal: person.isLocal,
        micOn: person.micOn,
        speaking: isSpeaking(person, speakers),
        quality: person.isLocal && interrupted ? AWAY : qualities.get(person.identity),
      };
    });
  }, [snapshot, speakers, lastSpokeAt, qualities, hideSelfView, firstPage, interrupted]);
}

const AWAY: QualityVerdict = { level: 'lost', cause: 'no_media' };

function visibleTiles({ people, tiles }: RoomSnapshot, hideSelfView: boolean): RoomTile[] {
  const me = people.find((person) => person.isLocal)?.identity;
  const others = tiles.filter((tile) => tile.identity !== me);
  // With nobody else to look at, oneself is better than nothing.
  return hideSelfView && others.length > 0 ? others : tiles;
}

function cameraOf(identity: string): string {
  return `${identity}:camera`;
}

/** The server's last word may come after the microphone was switched off. */
function isSpeaking(person: RoomPerson, speakers: SpeakersView): boolean {
  return person.micOn && speakers.speaking.has(person.identity);
}

export function peopleOf({ snapshot, speakers }: TileInputs): PersonModel[] {
  return snapshot.people.map((person) => ({
    identity: person.identity,
    name: person.name,
    isLocal: person.isLocal,
    micOn: person.micOn,
    cameraOn: person.cameraOn,
    sharing: person.sharing,
    speaking: isSpeaking(person, speakers),
  }));
}
