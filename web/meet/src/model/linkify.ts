/** Splits a chat message into text and links. Only http and https become links. */

export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'link'; text: string; href: string };

const CANDIDATE = /\bhttps?:\/\/[^\s<>"'`]+/gi;
const TRAILING = /[.,;:!?…»”’]+$/u;

export function linkify(message: string): ChatPart[] {
  const parts: ChatPart[] = [];
  let from = 0;
  for (const match of message.matchAll(CANDIDATE)) {
    const text = trimEnd(match[0]);
    const href = safeHref(text);
    if (href === undefined) continue;
    pushText(parts, message.slice(from, match.index));
    parts.push({ type: 'link', text, href });
    from = match.index + text.length;
  }
  pushText(parts, message.slice(from));
  return parts;
}

function pushText(parts: ChatPart[], text: string): void {
  if (text !== '') parts.push({ type: 'text', text });
}

/** The full stop ends the sentence, not the address; a bracket counts when it was opened inside. */
function trimEnd(candidate: string): string {
  let text = candidate;
  for (;;) {
    const shorter = trimOnce(text);
    if (shorter === text) return text;
    text = shorter;
  }
}

function trimOnce(text: string): string {
  for (const [open, close] of ['()', '[]', '{}'].map((pair) => [...pair] as [string, string])) {
    if (text.endsWith(close) && count(text, close) > count(text, open)) return text.slice(0, -1);
  }
  return text.replace(TRAILING, '');
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

function safeHref(text: string): string | undefined {
  try {
    const url = new URL(text);
    // A name before the host is how a link pretends to lead elsewhere.
    return url.username === '' && url.password === '' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
