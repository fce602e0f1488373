/**
 * WHIP and WHEP clients that others wrote, moved by remote control: `window.broadcast` of the test
 * page. Arguments and answers are plain values.
 */

import { WHIPClient as EyevinnClient } from '@eyevinn/whip-web-client';
import { WHEPClient } from 'whip-whep/whep.js';
import { WHIPClient } from 'whip-whep/whip.js';
import {
  type Colour,
  colourOf,
  type PictureOptions,
  PitchMeter,
  pictureOf,
  toneOf,
} from './media.ts';

/** Ours is what a page does by hand: an offer, one request, an answer. */
export type Library = 'medooze' | 'eyevinn' | 'none';

export interface Target {
  url: string;
  token: string;
}

export interface Publishing extends Target {
  library: Library;
  colour: Colour;
  hertz: number;
  picture?: PictureOptions;
  /** Names of simulcast encodings, with how much smaller each is. */
  layers?: { rid: string; scale: number }[];
}

class Broadcast {
  #peer = new RTCPeerConnection();
  #end: () => Promise<unknown> = async () => undefined;
  #restart: () => Promise<void> = async () => undefined;
  #player: WHEPClient | undefined;
  readonly #video = document.createElement('video');
  #meter: PitchMeter | undefined;

  // ---- WHIP ----

  async publish(options: Publishing): Promise<void> {
    const picture = pictureOf(options.colour, options.picture);
    const tone = toneOf(options.hertz);
    const stream = new MediaStream([tone, picture]);
    if (options.library === 'eyevinn') return this.#publishEyevinn(options, stream);
    this.#peer.addTransceiver(tone, { direction: 'sendonly', streams: [stream] });
    this.#peer.addTransceiver(picture, {
      direction: 'sendonly',
      streams: [stream],
      sendEncodings: options.layers?.map(({ rid, scale }) => ({
        rid,
        scaleResolutionDownBy: scale,
      })),
    });
    if (options.library === 'none') return this.#exchange(options);
    const client = new WHIPClient();
    await client.publish(this.#peer, options.url, options.token);
    this.#end = () => client.stop();
  }

  async #publishEyevinn(options: Publishing, stream: MediaStream): Promise<void> {
    const client = new EyevinnClient({
      endpoint: options.url,
      opts: { authkey: options.token, iceServers: [] },
      peerConnectionFactory: () => this.#peer,
    });
    await client.setIceServersFromEndpoint();
    await client.ingest(stream);
    this.#end = () => client.destroy();
  }

  // ---- WHEP ----

  async play(target: Target, library: Library = 'medooze'): Promise<void> {
    this.#peer.addTransceiver('audio', { direction: 'recvonly' });
    this.#peer.addTransceiver('video', { direction: 'recvonly' });
    this.#peer.ontrack = ({ track }) => this.#show(track);
    if (library === 'none') return this.#exchange(target);
    const client = new WHEPClient();
    await client.view(this.#peer, target.url, target.token);
    this.#player = client;
    this.#end = () => client.stop();
  }

  async layer(encodingId: string): Promise<void> {
    const select = this.#player?.selectLayer as ((layer: object) => Promise<void>) | undefined;
    await select?.call(this.#player, { encodingId });
  }

  #show(track: MediaStreamTrack): void {
    if (track.kind === 'audio') {
      // Chromium feeds Web Audio only what an element plays as well.
      const audio = new Audio();
      audio.srcObject = new MediaStream([track]);
      audio.muted = true;
      void audio.play();
      this.#meter = new PitchMeter(track);
    } else {
      this.#video.muted = true;
      this.#video.srcObject = new MediaStream([track]);
      document.body.append(this.#video);
      void this.#video.play();
    }
  }

  async view() {
    const rows = [...(await this.#peer.getStats()).values()];
    const video = rows.find((row) => row.type === 'inbound-rtp' && row.kind === 'video');
    return {
      state: this.#peer.connectionState,
      shows: colourOf(this.#video),
      width: this.#video.videoWidth,
      hertz: this.#meter?.hertz() ?? 0,
      frames: Number(video?.framesDecoded ?? 0),
      lost: Number(video?.packetsLost ?? 0),
    };
  }

  // ---- both ----

  async #exchange({ url, token }: Target): Promise<void> {
    await this.#peer.setLocalDescription();
    const authorization = { Authorization: `Bearer ${token}` };
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...authorization, 'Content-Type': 'application/sdp' },
      body: this.#peer.localDescription?.sdp,
    });
    if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
    const session = new URL(response.headers.get('location') ?? '', url);
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    this.#end = () => fetch(session, { method: 'DELETE', headers: authorization });
    this.#restart = () => this.#restartAt(session, authorization);
  }

  /** As RFC 9725 has it in section 4.3.3; the libraries fail on more than one candidate. */
  async #restartAt(session: URL, authorization: Record<string, string>): Promise<void> {
    const answer = this.#peer.remoteDescription?.sdp ?? '';
    await this.#peer.setLocalDescription(await this.#peer.createOffer({ iceRestart: true }));
    const credentials = /a=ice-(ufrag|pwd):.*\r\n/g;
    const response = await fetch(session, {
      method: 'PATCH',
      headers: {
        ...authorization,
        'Content-Type': 'application/trickle-ice-sdpfrag',
        'If-Match': '*',
      },
      body: this.#peer.localDescription?.sdp.match(credentials)?.slice(0, 2).join(''),
    });
    const fragment = await response.text();
    if (response.status !== 200) throw new Error(`${response.status}: ${fragment}`);
    const fresh = (name: string) => new RegExp(`a=${name}:.*`).exec(fragment)?.[0] ?? '';
    const sdp = answer
      .replaceAll(/a=ice-ufrag:.*/g, fresh('ice-ufrag').trim())
      .replaceAll(/a=ice-pwd:.*/g, fresh('ice-pwd').trim());
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
  }

  state(): string {
    return this.#peer.connectionState;
  }

  /** The username fragments of both sides. */
  ice(): string[] {
    const of = (sdp = '') => /a=ice-ufrag:(.*)/.exec(sdp)?.[1]?.trim() ?? '';
    return [of(this.#peer.localDescription?.sdp), of(this.#peer.remoteDescription?.sdp)];
  }

  restart(): Promise<void> {
    return this.#restart();
  }

  async stop(): Promise<void> {
    await this.#end();
  }

  /** As if the browser had gone without a word. */
  vanish(): void {
    this.#peer.close();
  }
}

export type { Broadcast };

declare global {
  interface Window {
    broadcast: Broadcast;
  }
}

window.broadcast = new Broadcast();
