import type { AddTrackRequest, SessionDescription, TrackInfo } from '@livekit/protocol';
import { vi } from 'vitest';

import {
  answerTo,
  codecsOf,
  describeSession,
  midOf,
  msidOf,
  type Section,
  sectionsOf,
} from './sdp.js';
import type { Server } from './server.js';
import { type ConnectOptions, SignalClient } from './signal_client.js';

/** A track that the server sends us, as its description says. */
export interface Incoming {
  sid: string;
  mid: string;
  /** `<participant>|<track or stream>` and `<track>`. */
  msid: string;
  codecs: string[];
  /** The section of the description. */
  lines: string[];
}

/**
 * A participant that negotiates like a real one, in either mode, and has no media: no packet flows
 * and its transports never come up. It takes the server's offers, or offers again when asked to.
 */
export class RawPeer {
  readonly client: SignalClient;
  readonly sid: string;
  /** The answers to our own offers, the last one last. */
  readonly answers: SessionDescription[] = [];
  /** What we can decode. */
  readonly decodes: string[];

  private sections: Section[];
  private offers = 0;
  private offering = false;
  private offerAgain = false;
  private latest: SessionDescription | undefined;

  private constructor(client: SignalClient, sid: string, decodes: string[]) {
    this.client = client;
    this.sid = sid;
    this.decodes = decodes;
    const single = client.mode === 'single';
    const spare = (kind: 'audio' | 'video'): Section[] =>
      Array.from({ length: 3 }, () => ({ kind, codecs: this.codecs(kind) }));
    this.sections = single ? [...spare('audio'), ...spare('video'), { kind: 'data' }] : [];
    client.on('offer', (offer) => this.takeOffer(offer));
    client.on('answer', (answer) => this.takeAnswer(answer));
    client.on('mediaSectionsRequirement', ({ numAudios, numVideos }) => {
      for (const [kind, count] of [
        ['audio', numAudios],
        ['video', numVideos],
      ] as const) {
        for (let i = 0; i < count; i += 1) this.sections.push({ kind, codecs: this.codecs(kind) });
      }
      this.offer();
    });
    if (single) this.offer();
  }

  static async join(
    server: Server,
    token: string,
    options: ConnectOptions & { decodes?: string[] } = {},
  ): Promise<RawPeer> {
    const { decodes = ['opus', 'vp8', 'h264'], ...connect } = options;
    const client = await SignalClient.join(server, token, connect);
    return new RawPeer(client, client.join.participant?.sid ?? '', decodes);
  }

  /** Announces a track, negotiates it, and answers what the server made of it. */
  async publish(
    cid: string,
    kind: 'audio' | 'video',
    codec: 'opus' | 'vp8' | 'h264' = kind === 'audio' ? 'opus' : 'vp8',
    more: Partial<AddTrackRequest> = {},
  ): Promise<TrackInfo> {
    const video = kind === 'video';
    const track = await this.client.addTrack({
      cid,
      type: video ? 1 : 0,
      source: video ? 1 : 2,
      ...(video && {
        width: 1280,
        height: 720,
        layers: [{ quality: 2, width: 1280, height: 720, bitrate: 1_700_000 }],
        simulcastCodecs: [{ codec, cid }],
      }),
      ...more,
    } as Partial<AddTrackRequest>);
    this.sections.push({ kind, direction: 'sendonly', cid, codecs: [codec] });
    await this.negotiate();
    return track;
  }

  /** Stops sending a track, as clients do: the section stays, inactive. */
  async unpublish(cid: string): Promise<void> {
    const section = this.sections.find((each) => each.cid === cid);
    if (!section) throw new Error(`${cid} is not published`);
    section.direction = 'inactive';
    section.cid = undefined;
    await this.negotiate();
  }

  /** What the server sends us now. */
  incoming(): Incoming[] {
    if (!this.latest) return [];
    const { sdp, midToTrackId } = this.latest;
    return sectionsOf(sdp).flatMap((section) => {
      const mid = midOf(section) ?? '';
      const sid = midToTrackId[mid];
      if (sid === undefined) return [];
      return [{ sid, mid, msid: msidOf(section) ?? '', codecs: codecsOf(section), lines: section }];
    });
  }

  /** Waits until exactly these tracks are sent to us. */
  async receives(sids: string[]): Promise<Incoming[]> {
    return vi.waitFor(
      () => {
        const now = this.incoming();
        const have = now.map(({ sid }) => sid).sort();
        if (have.join() !== [...sids].sort().join()) {
          throw new Error(`${this.sid} is sent ${have.join() || 'nothing'}, not ${sids.join()}`);
        }
        return now;
      },
      { timeout: 10_000, interval: 20 },
    );
  }

  /** Offers, and waits for the answer. */
  async negotiate(): Promise<SessionDescription> {
    this.offer();
    const wanted = this.offers + (this.offerAgain ? 1 : 0);
    return vi.waitFor(
      () => {
        const answer = this.answers.find(({ id }) => id >= wanted);
        if (!answer) throw new Error(`offer ${wanted} is not answered`);
        return answer;
      },
      { timeout: 10_000, interval: 20 },
    );
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private codecs(kind: 'audio' | 'video'): string[] {
    return this.decodes.filter((name) => (name === 'opus') === (kind === 'audio'));
  }

  private offer(): void {
    if (this.offering) {
      this.offerAgain = true;
      return;
    }
    this.offering = true;
    this.offers += 1;
    const sdp = describeSession(this.sections);
    this.client.send({ case: 'offer', value: { type: 'offer', sdp, id: this.offers } as never });
  }

  private takeAnswer(answer: SessionDescription): void {
    this.answers.push(answer);
    if (this.client.mode === 'single') this.latest = answer;
    if (answer.id !== this.offers) return;
    this.offering = false;
    if (!this.offerAgain) return;
    this.offerAgain = false;
    this.offer();
  }

  private takeOffer(offer: SessionDescription): void {
    this.latest = offer;
    const sdp = answerTo(offer.sdp, this.decodes);
    this.client.send({ case: 'answer', value: { type: 'answer', sdp, id: offer.id } as never });
  }
}
