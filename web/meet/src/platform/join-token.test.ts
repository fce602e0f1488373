import { describe, expect, it, vi } from 'vitest';
import { requestToken, signallingUrl } from './join-token';

const REQUEST = { room: 'abc-defg-hij', name: 'Ann' };
const TICKET = { token: 'jwt', room: 'abc-defg-hij', identity: 'ann-1' };

function answer(status: number, body: unknown): typeof fetch {
  return vi.fn(async () => new Response(JSON.stringify(body), { status }));
}

describe('requestToken', () => {
  it('sends room and name and returns the ticket', async () => {
    const fetchLike = answer(200, { ...TICKET, expires_at: '2030-01-01T00:00:00Z' });
    expect(await requestToken(REQUEST, fetchLike)).toEqual({ ok: true, ticket: TICKET });
    expect(fetchLike).toHaveBeenCalledWith(
      '/v1/meet/tokens',
      expect.objectContaining({ method: 'POST', body: JSON.stringify(REQUEST) }),
    );
  });

  it('maps a problem document by its code', async () => {
    const fetchLike = answer(429, { type: 'about:blank', code: 'limit_exceeded' });
    expect(await requestToken(REQUEST, fetchLike)).toEqual({
      ok: false,
      problem: 'limit_exceeded',
    });
  });

  it('does not trust an answer of another shape', async () => {
    expect(await requestToken(REQUEST, answer(200, { token: 5 }))).toEqual({
      ok: false,
      problem: 'unknown',
    });
  });

  it('survives a proxy that answers with a page', async () => {
    const fetchLike: typeof fetch = async () => new Response('<html>', { status: 503 });
    expect(await requestToken(REQUEST, fetchLike)).toEqual({ ok: false, problem: 'unavailable' });
  });

  it('tells a missing network from a slow server', async () => {
    const offline: typeof fetch = () => Promise.reject(new TypeError('Failed to fetch'));
    const slow: typeof fetch = () => Promise.reject(new DOMException('late', 'TimeoutError'));
    expect(await requestToken(REQUEST, offline)).toEqual({ ok: false, problem: 'offline' });
    expect(await requestToken(REQUEST, slow)).toEqual({ ok: false, problem: 'timeout' });
  });
});

describe('signallingUrl', () => {
  it('follows the security of the page', () => {
    expect(signallingUrl({ protocol: 'https:', host: 'a.example' })).toBe('wss://a.example');
    expect(signallingUrl({ protocol: 'http:', host: 'localhost:7880' })).toBe(
      'ws://localhost:7880',
    );
  });
});
