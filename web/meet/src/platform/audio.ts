/** Sound outside the meeting: how loud a microphone is, and a chime to try the speakers. */

import { loudnessOf } from '../model/sound-level';

let shared: AudioContext | undefined;

/** One for the page: browsers allow few. Wakes up at the first gesture if it has to. */
function audioContext(): AudioContext {
  if (!shared) {
    const context = new AudioContext();
    const wake = () => void context.resume();
    for (const gesture of ['pointerdown', 'keydown'] as const) {
      window.addEventListener(gesture, wake, { capture: true, passive: true });
    }
    shared = context;
  }
  if (shared.state === 'suspended') void shared.resume();
  return shared;
}

export interface LoudnessProbe {
  /** Undefined while the browser does not let the page process sound. */
  read(): number | undefined;
  close(): void;
}

export function probeLoudness(track: MediaStreamTrack): LoudnessProbe {
  const context = audioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      if (context.state !== 'running') return undefined;
      analyser.getFloatTimeDomainData(samples);
      return loudnessOf(samples);
    },
    close() {
      source.disconnect();
      analyser.disconnect();
    },
  };
}

const NOTES_HZ = [523.25, 659.25, 783.99];
const NOTE_S = 0.22;

/** Plays three notes on the chosen speaker; resolves when they have sounded. */
export async function playTestTone(speakerId: string | undefined): Promise<void> {
  const context = audioContext();
  const output = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = output.stream;
  if (speakerId && 'setSinkId' in element) await element.setSinkId(speakerId).catch(() => {});
  const start = context.currentTime + 0.05;
  NOTES_HZ.forEach((hz, index) => {
    playNote({ context, output, hz, at: start + index * NOTE_S });
  });
  await element.play();
  await new Promise((resolve) => setTimeout(resolve, (NOTES_HZ.length + 1.5) * NOTE_S * 1000));
  element.srcObject = null;
}

interface Note {
  context: AudioContext;
  output: AudioNode;
  hz: number;
  at: number;
}

function playNote({ context, output, hz, at }: Note): void {
  const oscillator = context.createOscillator();
  const envelope = context.createGain();
  oscillator.frequency.value = hz;
  envelope.gain.setValueAtTime(0, at);
  envelope.gain.linearRampToValueAtTime(0.25, at + 0.02);
  envelope.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S * 2);
  oscillator.connect(envelope).connect(output);
  oscillator.start(at);
  oscillator.stop(at + NOTE_S * 2);
}
