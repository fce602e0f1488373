import { createHmac, randomBytes } from 'node:crypto';

import { AccessToken, type AccessTokenOptions, type VideoGrant } from 'livekit-server-sdk';

export interface KeyPair {
  key: string;
  secret: string;
}

/** The key of the demo project, which `serve --dev` makes. */
export const DEMO_KEY: KeyPair = { key: 'devkey', secret: 'secret' };

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

export interface TokenOptions extends AccessTokenOptions {
  grant?: VideoGrant;
  pair?: KeyPair;
}

/** A token as the server SDK makes it, to join `room` as `identity`. */
export function joinToken(
  room: string,
  identity: string,
  options: TokenOptions = {},
): Promise<string> {
  const { grant, pair = DEMO_KEY, ...rest } = options;
  const token = new AccessToken(pair.key, pair.secret, { identity, ...rest });
  token.addGrant({ roomJoin: true, room, ...grant });
  return token.toJwt();
}

/** A token without identity, for the server API. */
export function apiToken(grant: VideoGrant, pair: KeyPair = DEMO_KEY): Promise<string> {
  const token = new AccessToken(pair.key, pair.secret, { ttl: 600 });
  token.addGrant(grant);
  return token.toJwt();
}

/** Any header and claims, signed or not: for what no SDK would make. */
export function rawToken(
  claims: object,
  options: { header?: object; secret?: string; signature?: string } = {},
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(options.header ?? { alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  const signature =
    options.signature ??
    createHmac('sha256', options.secret ?? DEMO_KEY.secret)
      .update(signed)
      .digest('base64url');
  return `${signed}.${signature}`;
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

/** Claims of a token that is good for an hour from now, to be spoilt by the test. */
export function goodClaims(room: string, identity: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: DEMO_KEY.key,
    sub: identity,
    nbf: now - 10,
    exp: now + 3600,
    video: { roomJoin: true, room },
  };
}
