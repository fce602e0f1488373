/**
 * Who is shown as speaking, and who is the main speaker. The server reports speakers a few times a
 * second and flickers with every pause of a sentence; a ring that follows it would blink. Time is an
 * argument, so the whole behaviour is tested without waiting.
 */

/** How long a ring outlives the voice: longer than a breath, shorter than a change of speaker. */
const RING_HOLD_MS = 700;
/** A new voice must last this long before it takes the stage from somebody who still speaks. */
const TAKE_OVER_MS = 1500;
/** The same when the one on the stage is silent. */
const TAKE_OVER_FROM_SILENCE_MS = 400;

export interface SpeakersView {
  speaking: ReadonlySet<string>;
  main: string | undefined;
}

export class SpeakerTracker {
  readonly #lastHeardAt = new Map<string, number>();
  #main: string | undefined;
  #candidate: { identity: string; since: number } | undefined;
  #current: readonly string[] = [];

  /** `speakers`: who the server hears now, the loudest first. */
  update(now: number, speakers: readonly string[]): SpeakersView {
    // Who spoke until this report was heard until now, however long ago the last report was.
    for (const identity of this.#current) this.#lastHeardAt.set(identity, now);
    this.#current = speakers;
    return this.advance(now);
  }

  /** Lets time pass with the speakers unchanged. */
  advance(now: number): SpeakersView {
    for (const identity of this.#current) this.#lastHeardAt.set(identity, now);
    this.#chooseMain(now);
    const speaking = new Set<string>();
    for (const [identity, heardAt] of this.#lastHeardAt) {
      if (now - heardAt < RING_HOLD_MS) speaking.add(identity);
    }
    return { speaking, main: this.#main };
  }

  /** True while the view may change by time alone. */
  restlessAt(now: number): boolean {
    if (this.#candidate !== undefined) return true;
    for (const [identity, heardAt] of this.#lastHeardAt) {
      if (now - heardAt < RING_HOLD_MS && !this.#current.includes(identity)) return true;
    }
    return false;
  }

  forget(identity: string): void {
    this.#lastHeardAt.delete(identity);
    this.#current = this.#current.filter((speaker) => speaker !== identity);
    if (this.#main === identity) this.#main = undefined;
    if (this.#candidate?.identity === identity) this.#candidate = undefined;
  }

  lastHeardAt(): ReadonlyMap<string, number> {
    return this.#lastHeardAt;
  }

  #chooseMain(now: number): void {
    const loudest = this.#current[0];
    if (loudest === undefined || loudest === this.#main) {
      this.#candidate = undefined;
      return;
    }
    if (this.#candidate?.identity !== loudest) this.#candidate = { identity: loudest, since: now };
    const mainSpeaks = this.#main !== undefined && this.#current.includes(this.#main);
    const wait = mainSpeaks ? TAKE_OVER_MS : TAKE_OVER_FROM_SILENCE_MS;
    if (this.#main !== undefined && now - this.#candidate.since < wait) return;
    this.#main = loudest;
    this.#candidate = undefined;
  }
}
