/**
 * A LiveKit client that a test moves by remote control: `window.driver` of the test page.
 * Arguments and answers are plain values, since they travel between the browser and the test.
 */

import {
  type ConnectionQuality,
  DataPacket_Kind,
  DisconnectReason,
  ExternalE2EEKeyProvider,
  ParticipantEvent,
  Room,
  RoomEvent,
  type RoomOptions,
  RpcError,
  type SimulationScenario,
  Track,
  type TrackPublishOptions,
  type VideoCaptureOptions,
  VideoQuality,
} from 'livekit-client';
import { type Colour, type PictureOptions, pictureOf, toneOf } from './media.ts';
import './broadcast.ts';
import { type Shown, Stage } from './stage.ts';
import { audioView, publicationOf, SOURCES, type Source, videoView } from './view.ts';
import { type Path, pathsInUse, takeOneWay, type Way } from './way.ts';

export interface JoinOptions {
  url: string;
  token: string;
  /** One peer connection for both directions (`/rtc/v1`), or the older pair of them. */
  single: boolean;
  autoSubscribe?: boolean;
  /** The only way by which the page may reach the server's media. */
  way?: Way;
  room?: Partial<RoomOptions>;
  /** A codec that this browser is made to lack, by its name in SDP; with a pair of connections. */
  lacks?: string;
  /** Encrypts end to end with a key made of this. */
  passphrase?: string;
}

export interface Heard {
  event: string;
  detail: unknown;
}

export interface Person {
  sid: string;
  name: string | undefined;
  metadata: string | undefined;
  attributes: Record<string, string>;
  speaking: boolean;
  quality: ConnectionQuality;
}

export interface Message {
  from: string | undefined;
  topic: string | undefined;
  kind: string | undefined;
  text: string;
}

export interface JoinTimes {
  connected: number;
  shown: number;
}

/** What the server offers in that codec is refused, as by a browser that never heard of it. */
function makeUnknown(codec: string): void {
  type Set = (this: RTCPeerConnection, description: RTCSessionDescriptionInit) => Promise<void>;
  const original: Set = RTCPeerConnection.prototype.setRemoteDescription;
  const changed: Set = function (description) {
    if (description.type !== 'offer') return original.call(this, description);
    const sdp = (description.sdp ?? '').replaceAll(` ${codec}/`, ' unknown/');
    return original.call(this, { type: 'offer', sdp });
  };
  RTCPeerConnection.prototype.setRemoteDescription = changed;
}

async function encryptionWith(passphrase: string) {
  const keyProvider = new ExternalE2EEKeyProvider();
  await keyProvider.setKey(passphrase);
  return { keyProvider, worker: new Worker('/e2ee.worker.js') };
}

class Driver {
  #room = new Room();
  #stage = new Stage();
  readonly #heard: Heard[] = [];
  readonly #messages: Message[] = [];
  readonly #streams: { from: string; topic: string; length: number; digest: string }[] = [];

  async join(options: JoinOptions): Promise<void> {
    if (options.way) takeOneWay(options.way);
    this.#stage = new Stage();
    if (options.lacks) makeUnknown(options.lacks);
    const encryption = options.passphrase && (await encryptionWith(options.passphrase));
    this.#room = new Room({
      ...options.room,
      singlePeerConnection: options.single,
      ...(encryption ? { encryption } : {}),
    });
    this.#listen(this.#room);
    if (encryption) await this.#room.setE2EEEnabled(true);
    await this.#room.connect(options.url, options.token, {
      autoSubscribe: options.autoSubscribe ?? true,
    });
  }

  /** Publishes without waiting for the connection, as the library allows. */
  async joinPublishing(options: JoinOptions, colour: Colour, hertz: number): Promise<void> {
    const joined = this.join(options);
    await Promise.all([joined, this.publishPicture(colour), this.publishTone(hertz)]);
  }

  /** Milliseconds from the call of `connect` until somebody's picture is there. */
  async joinTimed(options: JoinOptions): Promise<JoinTimes> {
    const begin = performance.now();
    const connected = this.join(options).then(() => performance.now() - begin);
    const video = await this.#stage.firstVideo;
    const shown = await new Promise<number>((resolve) => {
      video.requestVideoFrameCallback(() => resolve(performance.now() - begin));
    });
    return { connected: await connected, shown };
  }

  paths(): Promise<Path[]> {
    return pathsInUse();
  }

  async leave(): Promise<void> {
    await this.#room.disconnect();
  }

  state(): string {
    return this.#room.state;
  }

  sid(): string {
    return this.#room.localParticipant.sid;
  }

  /** What happened so far, in order. */
  heard(event?: string): Heard[] {
    return this.#heard.filter((one) => event === undefined || one.event === event);
  }

  // ---- sending ----

  async publishPicture(
    colour: Colour,
    picture: PictureOptions = {},
    options: TrackPublishOptions = {},
  ): Promise<string> {
    const publication = await this.#room.localParticipant.publishTrack(pictureOf(colour, picture), {
      source: Track.Source.Camera,
      simulcast: false,
      ...options,
    });
    return publication.trackSid;
  }

  async publishTone(hertz: number, options: TrackPublishOptions = {}): Promise<string> {
    const publication = await this.#room.localParticipant.publishTrack(toneOf(hertz), {
      source: Track.Source.Microphone,
      ...options,
    });
    return publication.trackSid;
  }

  async useCamera(
    on: boolean,
    capture?: VideoCaptureOptions,
    options?: TrackPublishOptions,
  ): Promise<void> {
    await this.#room.localParticipant.setCameraEnabled(on, capture, options);
  }

  async useMicrophone(on: boolean): Promise<void> {
    await this.#room.localParticipant.setMicrophoneEnabled(on);
  }

  async shareScreen(on: boolean): Promise<void> {
    await this.#room.localParticipant.setScreenShareEnabled(on, { audio: true });
  }

  async mute(source: Source, muted: boolean): Promise<void> {
    const track = this.#room.localParticipant.getTrackPublication(SOURCES[source])?.track;
    if (!track) throw new Error(`there is no ${source} to mute`);
    await (muted ? track.mute() : track.unmute());
  }

  async unpublish(source: Source): Promise<void> {
    const track = this.#room.localParticipant.getTrackPublication(SOURCES[source])?.track;
    if (!track) throw new Error(`there is no ${source} to take back`);
    await this.#room.localParticipant.unpublishTrack(track);
  }

  published(source: Source): { sid: string; muted: boolean } | undefined {
    const publication = this.#room.localParticipant.getTrackPublication(SOURCES[source]);
    return publication && { sid: publication.trackSid, muted: publication.isMuted };
  }

  async sending(source: Source): Promise<{ rid: string; active: boolean; frames: number }[]> {
    const track = this.#room.localParticipant.getTrackPublication(SOURCES[source])?.track;
    const report = await track?.getRTCStatsReport();
    return [...(report?.values() ?? [])]
      .filter((row) => row.type === 'outbound-rtp')
      .map((row) => ({ rid: row.rid ?? '', active: row.active, frames: row.framesEncoded ?? 0 }));
  }

  // ---- receiving ----

  people(): string[] {
    return [...this.#room.remoteParticipants.keys()].sort();
  }

  person(identity?: string): Person | undefined {
    const person = identity
      ? this.#room.remoteParticipants.get(identity)
      : this.#room.localParticipant;
    return (
      person && {
        sid: person.sid,
        name: person.name,
        metadata: person.metadata,
        attributes: { ...person.attributes },
        speaking: person.isSpeaking,
        quality: person.connectionQuality,
      }
    );
  }

  speakers(): string[] {
    return this.#room.activeSpeakers.map((one) => one.identity);
  }

  offered(identity: string, source: Source) {
    const publication = publicationOf(this.#room, identity, source);
    return (
      publication && {
        sid: publication.trackSid,
        muted: publication.isMuted,
        subscribed: publication.isSubscribed,
        allowed: publication.isEnabled,
        mimeType: publication.mimeType,
        simulcasted: publication.simulcasted,
      }
    );
  }

  video(identity: string, source: Source = 'camera') {
    return videoView(this.#stage, publicationOf(this.#room, identity, source));
  }

  audio(identity: string, source: Source = 'microphone') {
    return audioView(this.#stage, publicationOf(this.#room, identity, source));
  }

  /** What the video of somebody's camera showed since this was last asked. */
  shown(identity: string): Shown | undefined {
    return this.#stage.shown(`${Track.Source.Camera} of ${identity}`);
  }

  subscribe(identity: string, source: Source, wanted: boolean): void {
    publicationOf(this.#room, identity, source)?.setSubscribed(wanted);
  }

  quality(identity: string, quality: 'low' | 'medium' | 'high'): void {
    const value = { low: VideoQuality.LOW, medium: VideoQuality.MEDIUM, high: VideoQuality.HIGH };
    publicationOf(this.#room, identity, 'camera')?.setVideoQuality(value[quality]);
  }

  /** The size of the element that plays a video, which an adaptive stream follows. */
  resize(identity: string, width: number, height: number): void {
    const sid = publicationOf(this.#room, identity, 'camera')?.trackSid ?? '';
    const element = this.#stage.video(sid);
    if (element) element.style.cssText = `width: ${width}px; height: ${height}px`;
  }

  // ---- data ----

  async send(text: string, reliable: boolean, to: string[] = []): Promise<void> {
    await this.#room.localParticipant.publishData(new TextEncoder().encode(text), {
      reliable,
      topic: 'test',
      destinationIdentities: to,
    });
  }

  messages(): Message[] {
    return this.#messages;
  }

  async sendText(text: string, topic: string): Promise<void> {
    await this.#room.localParticipant.sendText(text, { topic });
  }

  /** Answers the digest of what was sent. */
  async sendBytes(length: number, topic: string): Promise<string> {
    const bytes = new Uint8Array(length).map((_, index) => (index * 31 + (index >> 8)) & 0xff);
    const writer = await this.#room.localParticipant.streamBytes({ topic, totalSize: length });
    await writer.write(bytes);
    await writer.close();
    return digestOf(bytes);
  }

  receiveStreams(topic: string): void {
    this.#room.registerTextStreamHandler(topic, async (reader, from) => {
      const bytes = new TextEncoder().encode(await reader.readAll());
      await this.#keepStream(from.identity, topic, bytes);
    });
    this.#room.registerByteStreamHandler(topic, async (reader, from) => {
      const parts = (await reader.readAll()) as Uint8Array<ArrayBuffer>[];
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      await this.#keepStream(from.identity, topic, bytes);
    });
  }

  streams() {
    return this.#streams;
  }

  answerRpc(method: string, prefix: string): void {
    this.#room.registerRpcMethod(method, async (call) => `${prefix}${call.payload}`);
  }

  async rpc(to: string, method: string, payload: string): Promise<string> {
    try {
      const call = { destinationIdentity: to, method, payload, responseTimeout: 8000 };
      return await this.#room.localParticipant.performRpc(call);
    } catch (error) {
      if (error instanceof RpcError) return `error ${error.code}`;
      throw error;
    }
  }

  // ---- being somebody ----

  setName(name: string): Promise<void> {
    return this.#room.localParticipant.setName(name);
  }

  setMetadata(metadata: string): Promise<void> {
    return this.#room.localParticipant.setMetadata(metadata);
  }

  setAttributes(attributes: Record<string, string>): Promise<void> {
    return this.#room.localParticipant.setAttributes(attributes);
  }

  allowSubscribers(identities: string[] | 'everybody'): void {
    const everybody = identities === 'everybody';
    const list = everybody ? [] : identities;
    this.#room.localParticipant.setTrackSubscriptionPermissions(
      everybody,
      list.map((participantIdentity) => ({ participantIdentity, allowAll: true })),
    );
  }

  simulate(scenario: SimulationScenario): Promise<void> {
    return this.#room.simulateScenario(scenario);
  }

  async #keepStream(from: string, topic: string, bytes: Uint8Array<ArrayBuffer>) {
    const digest = await digestOf(bytes);
    this.#streams.push({ from, topic, length: bytes.length, digest });
  }

  #note(event: string, detail: unknown = null): void {
    this.#heard.push({ event, detail });
  }

  #listen(room: Room): void {
    room
      .on(RoomEvent.TrackSubscribed, (track, publication, { identity }) => {
        this.#stage.play(publication.trackSid, track, `${publication.source} of ${identity}`);
      })
      .on(RoomEvent.TrackUnsubscribed, (track, publication) => {
        this.#stage.remove(publication.trackSid, track);
        this.#note('track_unsubscribed', publication.trackSid);
      })
      .on(RoomEvent.DataReceived, (payload, participant, kind, topic) => {
        this.#messages.push({
          from: participant?.identity,
          topic,
          kind: kind === undefined ? undefined : DataPacket_Kind[kind],
          text: new TextDecoder().decode(payload),
        });
      })
      .on(RoomEvent.ParticipantConnected, (one) => this.#note('joined', one.identity))
      .on(RoomEvent.ParticipantDisconnected, (one) => this.#note('left', one.identity))
      .on(RoomEvent.TrackUnpublished, (one) => this.#note('track_unpublished', one.trackSid))
      .on(RoomEvent.TrackStreamStateChanged, (one, state) =>
        this.#note(`stream_${state}`, one.trackSid),
      )
      .on(RoomEvent.SignalReconnecting, () => this.#note('signal_reconnecting'))
      .on(RoomEvent.Reconnecting, () => this.#note('reconnecting'))
      .on(RoomEvent.Reconnected, () => this.#note('reconnected'))
      .on(RoomEvent.Disconnected, (reason) =>
        this.#note('disconnected', reason === undefined ? null : DisconnectReason[reason]),
      )
      .on(RoomEvent.ParticipantPermissionsChanged, (_, one) => {
        if (one.isLocal) this.#note('permissions', { canPublish: one.permissions?.canPublish });
      })
      .on(RoomEvent.LocalTrackUnpublished, (one) => this.#note('own_track_gone', one.trackSid))
      .on(RoomEvent.RoomMetadataChanged, (metadata) => this.#note('room_metadata', metadata));
    room.localParticipant.on(ParticipantEvent.ConnectionQualityChanged, (quality) =>
      this.#note('quality', quality),
    );
  }
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export type { Driver };

declare global {
  interface Window {
    driver: Driver;
  }
}

window.driver = new Driver();
