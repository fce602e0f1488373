/** Pictures and sounds that tell who sent them: one colour and one tone for each person. */

export type Colour = 'red' | 'green' | 'blue';

const RGB: Record<Colour, [number, number, number]> = {
  red: [200, 30, 30],
  green: [30, 160, 30],
  blue: [30, 30, 200],
};

export interface PictureOptions {
  width?: number;
  height?: number;
  fps?: number;
}

/** A plain colour with a small square that moves, so that every frame is a new one. */
export function pictureOf(colour: Colour, options: PictureOptions = {}): MediaStreamTrack {
  const { width = 320, height = 180, fps = 15 } = options;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const paint = canvas.getContext('2d');
  if (!paint) throw new Error('this browser draws no canvas');
  let step = 0;
  const draw = () => {
    paint.fillStyle = `rgb(${RGB[colour].join(' ')})`;
    paint.fillRect(0, 0, width, height);
    paint.fillStyle = 'rgb(255 255 255)';
    paint.fillRect((step * 4) % (width - 16), 4, 16, 16);
    step += 1;
  };
  draw();
  const timer = setInterval(draw, 1000 / fps);
  const track = canvas.captureStream(fps).getVideoTracks()[0];
  if (!track) throw new Error('a canvas gave no video track');
  const stop = track.stop.bind(track);
  track.stop = () => {
    clearInterval(timer);
    stop();
  };
  return track;
}

let context: AudioContext | undefined;

export function audioContext(): AudioContext {
  context ??= new AudioContext();
  return context;
}

export function toneOf(hertz: number): MediaStreamTrack {
  const audio = audioContext();
  const source = new OscillatorNode(audio, { frequency: hertz });
  const volume = new GainNode(audio, { gain: 0.5 });
  const out = audio.createMediaStreamDestination();
  source.connect(volume).connect(out);
  source.start();
  const track = out.stream.getAudioTracks()[0];
  if (!track) throw new Error('an oscillator gave no audio track');
  return track;
}

/** Which of our colours fills a video, or what it shows instead. */
export function colourOf(video: HTMLVideoElement): Colour | 'nothing' | 'other' {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return 'nothing';
  const canvas = new OffscreenCanvas(1, 1);
  const paint = canvas.getContext('2d');
  if (!paint) throw new Error('this browser draws no canvas');
  const { videoWidth: width, videoHeight: height } = video;
  paint.drawImage(video, width / 4, height / 2, width / 2, height / 4, 0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = paint.getImageData(0, 0, 1, 1).data;
  const strongest = Math.max(red, green, blue);
  if (red + green + blue - strongest > strongest) return 'other';
  return strongest === red ? 'red' : strongest === green ? 'green' : 'blue';
}

/** Finds the strongest tone of a sound; 0 while it is silent. */
export class PitchMeter {
  readonly #analyser: AnalyserNode;
  readonly #spectrum: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    const audio = audioContext();
    this.#analyser = new AnalyserNode(audio, { fftSize: 4096, smoothingTimeConstant: 0 });
    this.#spectrum = new Float32Array(this.#analyser.frequencyBinCount);
    audio.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
  }

  hertz(): number {
    this.#analyser.getFloatFrequencyData(this.#spectrum);
    let best = 0;
    for (let bin = 1; bin < this.#spectrum.length; bin += 1) {
      if ((this.#spectrum[bin] ?? 0) > (this.#spectrum[best] ?? 0)) best = bin;
    }
    if ((this.#spectrum[best] ?? Number.NEGATIVE_INFINITY) < -60) return 0;
    return (best * audioContext().sampleRate) / this.#analyser.fftSize;
  }
}
