import type { ReadableStreamDefaultReader } from 'node:stream/web';

import {
  type LocalTrackPublication,
  LocalVideoTrack,
  type RemoteTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  type VideoCodec,
  VideoFrame,
  type VideoFrameEvent,
  VideoSource,
  VideoStream,
} from '@livekit/rtc-node';

/** Red, green and blue, 0 to 255. */
export type Colour = [number, number, number];

const FRAME_MS = 40;
/** Codecs and colour spaces change a plain colour by less than this. */
const TOLERANCE = 24;

/** A picture of one colour, published as a camera until it is stopped. */
export class Picture {
  readonly track: LocalVideoTrack;
  colour: Colour;
  private readonly source: VideoSource;
  private readonly width: number;
  private readonly height: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(colour: Colour, [width, height] = [640, 360]) {
    this.colour = colour;
    this.width = width;
    this.height = height;
    this.source = new VideoSource(width, height);
    this.track = LocalVideoTrack.createVideoTrack('picture', this.source);
  }

  async publish(
    room: Room,
    codec: VideoCodec,
    simulcast = false,
    source = TrackSource.SOURCE_CAMERA,
  ): Promise<LocalTrackPublication> {
    const options = new TrackPublishOptions();
    options.source = source;
    options.videoCodec = codec;
    options.simulcast = simulcast;
    const participant = room.localParticipant;
    if (!participant) throw new Error('not connected');
    this.timer = setInterval(() => this.source.captureFrame(this.frame()), FRAME_MS);
    return participant.publishTrack(this.track, options);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.source.close();
  }

  private frame(): VideoFrame {
    const pixels = Buffer.alloc(this.width * this.height * 4, Buffer.from([...this.colour, 255]));
    return new VideoFrame(pixels, this.width, this.height, VideoBufferType.RGBA);
  }
}

/** What is seen of a track. */
export class Screen {
  private readonly reader: ReadableStreamDefaultReader<VideoFrameEvent>;

  constructor(track: RemoteTrack) {
    this.reader = new VideoStream(track).getReader();
  }

  /** Waits until a whole frame has this colour; answers its size and how many frames came first. */
  async shows(colour: Colour): Promise<{ width: number; height: number; frames: number }> {
    let last = 'nothing';
    const signal = AbortSignal.timeout(20_000);
    for (let frames = 1; ; frames += 1) {
      const late = new Promise<never>((_, reject) => {
        signal.onabort = () => reject(new Error(`no frame of ${colour}; the last was ${last}`));
      });
      const { value, done } = await Promise.race([this.reader.read(), late]);
      if (done) throw new Error('the track ended');
      const { width, height } = value.frame;
      const rgba = value.frame.convert(VideoBufferType.RGBA).data;
      const seen = corners(width, height).map((at) => [...rgba.subarray(at * 4, at * 4 + 3)]);
      last = seen.join(' ');
      const close = (pixel: number[]) =>
        pixel.every((part, i) => Math.abs(part - (colour[i] ?? 0)) < TOLERANCE);
      if (seen.every(close)) return { width, height, frames };
    }
  }

  async close(): Promise<void> {
    await this.reader.cancel().catch(() => undefined);
  }
}

/** The middle, and a point near each corner: blocks that were lost are seen. */
function corners(width: number, height: number): number[] {
  const [right, bottom] = [width - 9, height - 9];
  const at = (x: number, y: number) => y * width + x;
  return [at(width >> 1, height >> 1), at(8, 8), at(right, 8), at(8, bottom), at(right, bottom)];
}
