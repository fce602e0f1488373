import { describe, expect, it } from 'vitest';
import {
  endReasonOf,
  joinProblemOfConnect,
  joinProblemOfResponse,
  mayRejoin,
  mediaProblemOf,
} from './problems';

describe('mediaProblemOf', () => {
  it.each([
    ['NotAllowedError', 'Permission denied', 'blocked'],
    ['NotAllowedError', 'Permission dismissed', 'dismissed'],
    ['NotAllowedError', 'Permission denied by system', 'blocked_by_system'],
    ['NotFoundError', '', 'missing'],
    ['NotReadableError', 'Could not start video source', 'busy'],
    ['AbortError', '', 'busy'],
    ['OverconstrainedError', '', 'overconstrained'],
    ['SecurityError', '', 'insecure'],
    ['TypeError', '', 'unknown'],
  ])('of %s "%s" is %s', (name, message, problem) => {
    expect(mediaProblemOf({ name, message })).toBe(problem);
  });

  it.each([undefined, null, 'oops', {}, { name: 7 }])('of %j is unknown', (error) => {
    expect(mediaProblemOf(error)).toBe('unknown');
  });
});

describe('joinProblemOfResponse', () => {
  it.each([
    [400, { code: 'invalid_argument' }, 'invalid_argument'],
    [429, { code: 'limit_exceeded' }, 'limit_exceeded'],
    [503, { code: 'unavailable' }, 'unavailable'],
    [403, undefined, 'permission_denied'],
    [429, '<html>', 'limit_exceeded'],
    [502, null, 'unavailable'],
    [404, { code: 'some_new_code' }, 'invalid_argument'],
    [500, { code: 12 }, 'unknown'],
  ])('of status %i with %j is %s', (status, body, problem) => {
    expect(joinProblemOfResponse(status, body)).toBe(problem);
  });
});

describe('joinProblemOfConnect', () => {
  it.each([
    ['NotAllowed', 401, 'invalid token', 'permission_denied'],
    ['InternalError', 500, 'room is full', 'room_full'],
    ['InternalError', 500, 'could not join: max participants exceeded', 'room_full'],
    ['NotAllowed', 404, 'requested room does not exist', 'room_missing'],
    ['InternalError', undefined, 'could not establish pc connection', 'media_blocked'],
    ['Timeout', undefined, '', 'timeout'],
    ['WebSocket', undefined, '', 'unavailable'],
    ['ServerUnreachable', undefined, '', 'unavailable'],
    ['Something', undefined, '', 'unknown'],
  ])('of %s %s "%s" is %s', (failure, status, text, problem) => {
    expect(joinProblemOfConnect(failure, status, text)).toBe(problem);
  });
});

describe('endReasonOf', () => {
  it.each([
    ['CLIENT_INITIATED', 'left'],
    ['DUPLICATE_IDENTITY', 'duplicate'],
    ['PARTICIPANT_REMOVED', 'removed'],
    ['ROOM_DELETED', 'room_closed'],
    ['SERVER_SHUTDOWN', 'server_shutdown'],
    ['STATE_MISMATCH', 'connection_lost'],
    [undefined, 'connection_lost'],
  ])('of %s is %s', (reason, end) => {
    expect(endReasonOf(reason)).toBe(end);
  });

  it('lets everybody come back but who was removed', () => {
    expect(mayRejoin('connection_lost')).toBe(true);
    expect(mayRejoin('removed')).toBe(false);
  });
});
