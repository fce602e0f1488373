import { describe, expect, it } from 'vitest';
import { linkify } from './linkify';

function links(message: string): string[] {
  return linkify(message).flatMap((part) => (part.type === 'link' ? [part.text] : []));
}

describe('linkify', () => {
  it('keeps plain text whole', () => {
    expect(linkify('hello, world')).toEqual([{ type: 'text', text: 'hello, world' }]);
    expect(linkify('')).toEqual([]);
  });

  it('splits text around a link', () => {
    expect(linkify('see https://example.org/a?b=1 now')).toEqual([
      { type: 'text', text: 'see ' },
      { type: 'link', text: 'https://example.org/a?b=1', href: 'https://example.org/a?b=1' },
      { type: 'text', text: ' now' },
    ]);
  });

  it.each([
    ['Read https://example.org.', 'https://example.org'],
    ['(https://example.org/x)', 'https://example.org/x'],
    ['https://en.example.org/Tile_(video)', 'https://en.example.org/Tile_(video)'],
    ['really https://example.org/?!', 'https://example.org/'],
    ['«https://example.org/я»', 'https://example.org/я'],
  ])('finds in %j the link %j', (message, link) => {
    expect(links(message)).toEqual([link]);
  });

  it('finds several links', () => {
    expect(links('https://a.example https://b.example')).toEqual([
      'https://a.example',
      'https://b.example',
    ]);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://example.org',
    'https://',
    'https://bank.example@evil.example/',
    'file:///etc/passwd',
  ])('makes no link of %j', (message) => {
    expect(linkify(message)).toEqual([{ type: 'text', text: message }]);
  });
});
