/** What a meeting looks like to the pictures of it: plain values, whoever feeds them. */

import type { QualityVerdict } from './quality';

/** Something that can play in a video element. `attach` returns how to let go. */
export interface VideoSource {
  readonly id: string;
  attach(element: HTMLVideoElement): () => void;
}

export type TileKind = 'camera' | 'screen';

export interface TileModel {
  /** Unique in the meeting and steady over reconnects. */
  key: string;
  kind: TileKind;
  identity: string;
  name: string;
  isLocal: boolean;
  /** Undefined when there is no picture to show. */
  video: VideoSource | undefined;
  micOn: boolean;
  speaking: boolean;
  quality: QualityVerdict | undefined;
}

export interface PersonModel {
  identity: string;
  name: string;
  isLocal: boolean;
  micOn: boolean;
  cameraOn: boolean;
  sharing: boolean;
  speaking: boolean;
}

export interface ChatEntry {
  id: string;
  from: string;
  isMine: boolean;
  text: string;
  at: number;
}

export type ViewChoice = 'grid' | 'speaker';

export type Arrangement =
  | { mode: 'grid'; tiles: TileModel[] }
  | { mode: 'stage'; stage: TileModel; strip: TileModel[] };

export interface ArrangeOptions {
  view: ViewChoice;
  pinned: string | undefined;
  mainSpeaker: string | undefined;
}

/** A pin wins over a shared screen, a shared screen over the chosen view. */
export function arrange(tiles: readonly TileModel[], options: ArrangeOptions): Arrangement {
  const stage = stageOf(tiles, options);
  if (!stage) return { mode: 'grid', tiles: [...tiles] };
  return { mode: 'stage', stage, strip: tiles.filter((tile) => tile !== stage) };
}

function stageOf(tiles: readonly TileModel[], options: ArrangeOptions): TileModel | undefined {
  const pinned = tiles.find((tile) => tile.key === options.pinned);
  if (pinned) return pinned;
  const screen = tiles.findLast((tile) => tile.kind === 'screen');
  if (screen) return screen;
  if (options.view === 'grid' || tiles.length < 2) return undefined;
  const others = tiles.filter((tile) => !tile.isLocal);
  return others.find((tile) => tile.identity === options.mainSpeaker) ?? others[0];
}
