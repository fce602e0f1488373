/**
 * What a screen reader says about people who come and go. When ten join at once, ten sentences would
 * drown the meeting: news is gathered for some seconds and told in one.
 */

export type Coming = 'joined' | 'left';

export type Announcement =
  | { type: 'one'; coming: Coming; name: string }
  | { type: 'many'; coming: Coming; count: number };

const GATHER_MS = 4000;

export class Announcer {
  readonly #waiting = new Map<string, { coming: Coming; name: string }>();
  #quietUntil = Number.NEGATIVE_INFINITY;

  add(identity: string, name: string, coming: Coming): void {
    const before = this.#waiting.get(identity);
    // Who came and went between two announcements is no news at all.
    if (before && before.coming !== coming) this.#waiting.delete(identity);
    else this.#waiting.set(identity, { coming, name });
  }

  /** When `take` should be called next; undefined when there is nothing to say. */
  dueInMs(now: number): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.max(0, this.#quietUntil - now);
  }

  take(now: number): Announcement[] {
    if (this.#waiting.size === 0 || now < this.#quietUntil) return [];
    const people = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#quietUntil = now + GATHER_MS;
    return (['joined', 'left'] as const).flatMap((coming) =>
      summary(
        coming,
        people.filter((person) => person.coming === coming).map((person) => person.name),
      ),
    );
  }
}

function summary(coming: Coming, names: readonly string[]): Announcement[] {
  const only = names[0];
  if (only === undefined) return [];
  if (names.length === 1) return [{ type: 'one', coming, name: only }];
  return [{ type: 'many', coming, count: names.length }];
}
