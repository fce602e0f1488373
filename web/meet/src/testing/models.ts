import type { PersonModel, TileModel } from '../model/meeting';

export function tile(change: Partial<TileModel> & { identity: string }): TileModel {
  const kind = change.kind ?? 'camera';
  return {
    key: `${change.identity}:${kind}`,
    kind,
    name: change.identity,
    isLocal: false,
    video: undefined,
    micOn: true,
    speaking: false,
    quality: undefined,
    ...change,
  };
}

export function person(change: Partial<PersonModel> & { identity: string }): PersonModel {
  return {
    name: change.identity,
    isLocal: false,
    micOn: true,
    cameraOn: false,
    sharing: false,
    speaking: false,
    ...change,
  };
}
