/**
 * One meeting that one is in: the LiveKit room with our choices, its connection told in our words,
 * and what the person does in it. Made by `openMeeting`, over when `ended` has a value.
 */

import {
  ConnectionError,
  ConnectionErrorReason,
  DefaultReconnectPolicy,
  DisconnectReason,
  LocalAudioTrack,
  LocalVideoTrack,
  type ReconnectContext,
  type ReconnectPolicy,
  Room,
  RoomEvent,
  type RoomOptions,
  Track,
} from 'livekit-client';
import { Store } from '../lib/store';
import {
  type EndReason,
  endReasonOf,
  type JoinProblem,
  joinProblemOfConnect,
  type MediaProblem,
  mediaProblemOf,
} from '../model/problems';
import { type ConnectionEvent, type ConnectionPhase, nextPhase, STEADY } from '../model/reconnect';
import { audioConstraints, videoConstraints } from '../platform/acquire';
import type { JoinTicket } from '../platform/join-token';
import type { Handover } from '../platform/local-media';
import type { Settings } from '../platform/settings';

export interface OpenOptions {
  url: string;
  ticket: JoinTicket;
  settings: Store<Settings>;
}

export type OpenResult =
  | { ok: true; session: MeetingSession }
  | { ok: false; problem: JoinProblem };

export interface DeviceFailure {
  source: 'audio' | 'video' | 'screen';
  problem: MediaProblem;
}

/** LiveKit's own policy; we only count along, to tell people. */
class CountingPolicy implements ReconnectPolicy {
  readonly #policy = new DefaultReconnectPolicy();
  onTry: (tries: number) => void = () => {};

  nextRetryDelayInMs(context: ReconnectContext): number | null {
    const delay = this.#policy.nextRetryDelayInMs(context);
    if (delay !== null) this.onTry(context.retryCount + 1);
    return delay;
  }
}

function roomOptions(settings: Settings, reconnectPolicy: ReconnectPolicy): RoomOptions {
  return {
    adaptiveStream: true,
    dynacast: true,
    stopLocalTrackOnUnpublish: true,
    disconnectOnPageLeave: true,
    reconnectPolicy,
    publishDefaults: { videoCodec: 'vp8', simulcast: true, dtx: true, red: true },
    audioCaptureDefaults: captureOf(settings.microphoneId),
    videoCaptureDefaults: captureOf(settings.cameraId),
    audioOutput: settings.speakerId ? { deviceId: settings.speakerId } : {},
  };
}

function captureOf(deviceId: string | undefined): { deviceId?: ConstrainDOMString } {
  return deviceId ? { deviceId: { ideal: deviceId } } : {};
}

export async function openMeeting(options: OpenOptions): Promise<OpenResult> {
  const policy = new CountingPolicy();
  const room = new Room(roomOptions(options.settings.value, policy));
  try {
    await room.connect(options.url, options.ticket.token);
  } catch (error) {
    void room.disconnect();
    return { ok: false, problem: problemOf(error) };
  }
  const session = new MeetingSession(room, options.ticket.room);
  policy.onTry = (tries) => session.noteTry(tries);
  return { ok: true, session };
}

function problemOf(error: unknown): JoinProblem {
  if (!(error instanceof ConnectionError)) return 'unknown';
  const failure = ConnectionErrorReason[error.reason] ?? '';
  return joinProblemOfConnect(failure, error.status, error.message);
}

export class MeetingSession {
  readonly room: Room;
  readonly roomName: string;
  readonly startedAt = Date.now();
  readonly connection = new Store<ConnectionPhase>(STEADY);
  readonly ended = new Store<EndReason | undefined>(undefined);
  readonly failure = new Store<DeviceFailure | undefined>(undefined);

  constructor(room: Room, roomName: string) {
    this.room = room;
    this.roomName = roomName;
    const interrupted = () => this.#note({ type: 'interrupted', now: Date.now() });
    room
      .on(RoomEvent.SignalReconnecting, interrupted)
      .on(RoomEvent.Reconnecting, interrupted)
      .on(RoomEvent.Reconnected, () => this.#note({ type: 'restored' }))
      .on(RoomEvent.Disconnected, (reason) => this.#end(endReasonOf(nameOf(reason))))
      .on(RoomEvent.MediaDevicesError, (error, kind) => this.#reportKind(error, kind));
  }

  noteTry(tries: number): void {
    this.#note({ type: 'tried', tries, now: Date.now() });
  }

  noteSilence(since: number | undefined): void {
    this.#note(since === undefined ? { type: 'heard' } : { type: 'silent', since });
  }

  /** Takes the tracks of the door as they are; a muted microphone goes along muted. */
  async publish(handover: Handover): Promise<void> {
    const publishing: Promise<void>[] = [];
    if (handover.audio) publishing.push(this.#publishAudio(handover.audio, handover.microphoneOn));
    if (handover.video) publishing.push(this.#publishVideo(handover.video));
    await Promise.all(publishing);
  }

  async setMicrophone(on: boolean): Promise<void> {
    await this.#trying('audio', () => this.room.localParticipant.setMicrophoneEnabled(on));
  }

  async setCamera(on: boolean): Promise<void> {
    await this.#trying('video', () => this.room.localParticipant.setCameraEnabled(on));
  }

  /** With the system's sound where the browser offers it; never this tab, which would be a hall of mirrors. */
  async setShare(on: boolean): Promise<void> {
    await this.#trying('screen', () =>
      this.room.localParticipant.setScreenShareEnabled(on, {
        audio: true,
        systemAudio: 'include',
        selfBrowserSurface: 'exclude',
        surfaceSwitching: 'include',
      }),
    );
  }

  async switchDevice(kind: MediaDeviceKind, deviceId: string | undefined): Promise<void> {
    const source = kind === 'videoinput' ? 'video' : 'audio';
    await this.#trying(source, () =>
      this.room.switchActiveDevice(kind, deviceId ?? 'default', false),
    );
  }

  leave(reason: EndReason): void {
    this.#end(reason);
    void this.room.disconnect();
  }

  async #publishAudio(track: MediaStreamTrack, on: boolean): Promise<void> {
    const local = new LocalAudioTrack(track, audioConstraints(wishOf(track)), false);
    await this.#trying('audio', async () => {
      if (!on) await local.mute();
      await this.room.localParticipant.publishTrack(local, { source: Track.Source.Microphone });
    });
  }

  async #publishVideo(track: MediaStreamTrack): Promise<void> {
    const local = new LocalVideoTrack(track, videoConstraints(wishOf(track)), false);
    await this.#trying('video', () =>
      this.room.localParticipant.publishTrack(local, { source: Track.Source.Camera }),
    );
  }

  async #trying(source: DeviceFailure['source'], act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#report(source, mediaProblemOf(error));
    }
  }

  #reportKind(error: Error, kind: MediaDeviceKind | undefined): void {
    if (kind === 'audioinput') this.#report('audio', mediaProblemOf(error));
    if (kind === 'videoinput') this.#report('video', mediaProblemOf(error));
  }

  #report(source: DeviceFailure['source'], problem: MediaProblem): void {
    // Closing the browser's list of screens is a decision and no failure.
    if (source === 'screen' && (problem === 'blocked' || problem === 'dismissed')) return;
    this.failure.set({ source, problem });
  }

  #note(event: ConnectionEvent): void {
    if (this.ended.value === undefined)
      this.connection.set(nextPhase(this.connection.value, event));
  }

  #end(reason: EndReason): void {
    if (this.ended.value !== undefined) return;
    if (reason !== 'left')
      this.connection.set(nextPhase(this.connection.value, { type: 'gave_up' }));
    this.ended.set(reason);
  }
}

function wishOf(track: MediaStreamTrack): { deviceId?: string | undefined } {
  return { deviceId: track.getSettings().deviceId };
}

function nameOf(reason: DisconnectReason | undefined): string | undefined {
  return reason === undefined ? undefined : DisconnectReason[reason];
}
