import { useMemo, useRef } from 'react';
import type { PersonModel, TileModel } from '../model/meeting';
import type { SpeakersView } from '../model/speakers';
import { keepPlaces } from '../model/tiling';
import type { RoomSnapshot } from './snapshot';
import type { Qualities } from './watch-quality';

export interface TileInputs {
  snapshot: RoomSnapshot;
  speakers: SpeakersView;
  lastSpokeAt: ReadonlyMap<string, number>;
  qualities: Qualities;
  hideSelfView: boolean;
  firstPage: number;
}

/** The tiles in steady places, with who speaks and how well they are received. */
export function useTiles(inputs: TileInputs): TileModel[] {
  const { snapshot, speakers, qualities, hideSelfView } = inputs;
  const places = useRef<string[]>([]);
  return useMemo(() => {
    const people = new Map(snapshot.people.map((person) => [person.identity, person]));
    const shown = snapshot.tiles.filter(
      (tile) => !(hideSelfView && tile.kind === 'camera' && people.get(tile.identity)?.isLocal),
    );
    // With nobody else to look at, oneself is better than nothing.
    const tiles = new Map(
      (shown.length > 0 ? shown : snapshot.tiles).map((tile) => [tile.key, tile]),
    );
    places.current = keepPlaces(places.current, [...tiles.keys()], inputs.firstPage, {
      speaking: new Set([...speakers.speaking].map(cameraOf)),
      lastSpokeAt: new Map([...inputs.lastSpokeAt].map(([who, at]) => [cameraOf(who), at])),
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
        speaking: person.micOn && speakers.speaking.has(person.identity),
        quality: qualities.get(person.identity),
      };
    });
  }, [snapshot, speakers, qualities, hideSelfView, inputs.firstPage, inputs.lastSpokeAt]);
}

function cameraOf(identity: string): string {
  return `${identity}:camera`;
}

export function peopleOf({ snapshot, speakers, qualities }: TileInputs): PersonModel[] {
  return snapshot.people.map((person) => ({
    identity: person.identity,
    name: person.name,
    isLocal: person.isLocal,
    micOn: person.micOn,
    cameraOn: person.cameraOn,
    sharing: person.sharing,
    speaking: person.micOn && speakers.speaking.has(person.identity),
    quality: qualities.get(person.identity),
  }));
}
