/** Every way in which devices, tokens and connections fail, as words the catalogues know. */

export type MediaProblem =
  | 'blocked'
  | 'dismissed'
  | 'blocked_by_system'
  | 'missing'
  | 'busy'
  | 'overconstrained'
  | 'insecure'
  | 'unsupported'
  | 'unknown';

/** The errors of getUserMedia and getDisplayMedia (W3C Media Capture and Streams, 10.2). */
export function mediaProblemOf(error: unknown): MediaProblem {
  const { name, message } = describe(error);
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      if (/by system/i.test(message)) return 'blocked_by_system';
      return /dismissed/i.test(message) ? 'dismissed' : 'blocked';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return 'missing';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy';
    case 'OverconstrainedError':
    case 'ConstraintNotSatisfiedError':
      return 'overconstrained';
    case 'SecurityError':
      return 'insecure';
    default:
      return 'unknown';
  }
}

function describe(error: unknown): { name: string; message: string } {
  if (typeof error !== 'object' || error === null) return { name: '', message: '' };
  const { name, message } = error as { name?: unknown; message?: unknown };
  return {
    name: typeof name === 'string' ? name : '',
    message: typeof message === 'string' ? message : '',
  };
}

/** Why one could not get in. The first four are the server's own codes. */
export type JoinProblem =
  | 'invalid_argument'
  | 'permission_denied'
  | 'limit_exceeded'
  | 'unavailable'
  | 'offline'
  | 'room_full'
  | 'room_missing'
  | 'timeout'
  | 'media_blocked'
  | 'unknown';

const SERVER_CODES: readonly JoinProblem[] = [
  'invalid_argument',
  'permission_denied',
  'limit_exceeded',
  'unavailable',
];

/** The `code` of a problem document (RFC 9457), or the status when a proxy answered instead. */
export function joinProblemOfResponse(status: number, body: unknown): JoinProblem {
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  const known = SERVER_CODES.find((candidate) => candidate === code);
  if (known) return known;
  if (status === 429) return 'limit_exceeded';
  if (status === 401 || status === 403) return 'permission_denied';
  if (status >= 502 && status <= 504) return 'unavailable';
  return status >= 400 && status < 500 ? 'invalid_argument' : 'unknown';
}

/** Names of livekit-client's ConnectionErrorReason. */
export type ConnectFailure =
  | 'NotAllowed'
  | 'ServerUnreachable'
  | 'InternalError'
  | 'Cancelled'
  | 'LeaveRequest'
  | 'Timeout'
  | 'WebSocket'
  | 'ServiceNotFound';

export function joinProblemOfConnect(failure: string, status: number | undefined, text: string) {
  const words = text.toLowerCase();
  if (/room.*full|max.*participants|participants.*limit/.test(words)) return 'room_full';
  if (words.includes('requested room does not exist')) return 'room_missing';
  if (words.includes('could not establish pc connection')) return 'media_blocked';
  if (failure === 'NotAllowed') return status === 503 ? 'unavailable' : 'permission_denied';
  if (failure === 'Timeout') return 'timeout';
  if (failure === 'ServerUnreachable' || failure === 'WebSocket') return 'unavailable';
  return 'unknown';
}

/** Why one is no longer in the meeting. */
export type EndReason =
  | 'left'
  | 'moved_tab'
  | 'duplicate'
  | 'removed'
  | 'room_closed'
  | 'server_shutdown'
  | 'connection_lost'
  | 'join_failed';

/** Names of the protocol's DisconnectReason. */
export function endReasonOf(reason: string | undefined): EndReason {
  switch (reason) {
    case 'CLIENT_INITIATED':
      return 'left';
    case 'DUPLICATE_IDENTITY':
      return 'duplicate';
    case 'PARTICIPANT_REMOVED':
    case 'USER_REJECTED':
      return 'removed';
    case 'ROOM_DELETED':
    case 'ROOM_CLOSED':
      return 'room_closed';
    case 'SERVER_SHUTDOWN':
      return 'server_shutdown';
    case 'JOIN_FAILURE':
      return 'join_failed';
    default:
      return 'connection_lost';
  }
}

/** Being thrown out is final until the host says otherwise; everything else may be tried again. */
export function mayRejoin(reason: EndReason): boolean {
  return reason !== 'removed';
}
