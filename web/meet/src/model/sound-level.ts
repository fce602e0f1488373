/** Loudness of a microphone, and two things worth telling: it is dead, or someone talks while muted. */

const QUIETEST_DB = -60;
const LOUDEST_DB = -12;

/** Root mean square of samples between -1 and 1. */
export function loudnessOf(samples: ArrayLike<number>): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += (samples[i] ?? 0) ** 2;
  return Math.sqrt(sum / samples.length);
}

/** 0 to 1 on a scale of decibels, as the ear hears. */
export function meterOf(loudness: number): number {
  if (loudness <= 0) return 0;
  const db = 20 * Math.log10(loudness);
  return Math.min(1, Math.max(0, (db - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
}

const DEAD_BELOW = 0.00005;
const DEAD_AFTER_MS = 6000;

/**
 * A microphone that has given nothing but exact silence since it was opened is dead or switched off.
 * One that was heard before may be silent: some close themselves between words.
 */
export class DeadMicrophoneDetector {
  #openedAt: number | undefined;
  #heard = false;

  add(now: number, loudness: number): boolean {
    this.#openedAt ??= now;
    this.#heard ||= loudness > DEAD_BELOW;
    return !this.#heard && now - this.#openedAt >= DEAD_AFTER_MS;
  }
}

/** About -38 dBFS: speech at a desk, not typing or a fan. */
const SPEECH_ABOVE = 0.0125;
const SPEECH_MS = 600;
const WINDOW_MS = 1500;
const QUIET_AFTER_HINT_MS = 30_000;

export class MutedSpeechDetector {
  #heard: { at: number; span: number }[] = [];
  #last: number | undefined;
  #nextHintAt = Number.NEGATIVE_INFINITY;

  /** True once when someone has talked for a while; then silent for half a minute. */
  add(now: number, loudness: number): boolean {
    const span = this.#last === undefined ? 0 : Math.min(250, now - this.#last);
    this.#last = now;
    if (loudness > SPEECH_ABOVE) this.#heard.push({ at: now, span });
    this.#heard = this.#heard.filter((piece) => now - piece.at < WINDOW_MS);
    const spoken = this.#heard.reduce((sum, piece) => sum + piece.span, 0);
    if (spoken < SPEECH_MS || now < this.#nextHintAt) return false;
    this.#nextHintAt = now + QUIET_AFTER_HINT_MS;
    return true;
  }
}
