/** Which key does what. Knows nothing of the page: the event and the focus are described to it. */

export type MeetingAction =
  | 'microphone'
  | 'camera'
  | 'share'
  | 'chat'
  | 'participants'
  | 'view'
  | 'help';

export type HotkeyAction = MeetingAction | 'talk';

export interface KeyPress {
  key: string;
  code: string;
  ctrl: boolean;
  meta: boolean;
  alt: boolean;
  shift: boolean;
}

export type Focus = 'page' | 'text' | 'control';

const SINGLE: Readonly<Record<string, MeetingAction>> = {
  m: 'microphone',
  v: 'camera',
  d: 'share',
  c: 'chat',
  p: 'participants',
  w: 'view',
};

const WITH_CTRL: Readonly<Record<string, MeetingAction>> = { d: 'microphone', e: 'camera' };

export interface ShortcutLine {
  action: HotkeyAction;
  keys: readonly string[];
  single: boolean;
}

/** The list for the help page, in the order of the control bar. */
export const SHORTCUTS: readonly ShortcutLine[] = [
  { action: 'microphone', keys: ['M'], single: true },
  { action: 'microphone', keys: ['Ctrl', 'D'], single: false },
  { action: 'talk', keys: ['Space'], single: true },
  { action: 'camera', keys: ['V'], single: true },
  { action: 'camera', keys: ['Ctrl', 'E'], single: false },
  { action: 'share', keys: ['D'], single: true },
  { action: 'chat', keys: ['C'], single: true },
  { action: 'participants', keys: ['P'], single: true },
  { action: 'view', keys: ['W'], single: true },
  { action: 'help', keys: ['?'], single: true },
];

/** `singleKeys`: people whose input is a voice or a tremor switch these off (WCAG 2.1.4). */
export function actionOf(
  press: KeyPress,
  focus: Focus,
  singleKeys: boolean,
): HotkeyAction | undefined {
  if (press.alt) return undefined;
  if (press.ctrl || press.meta) return press.shift ? undefined : WITH_CTRL[letterOf(press)];
  if (!singleKeys || focus === 'text') return undefined;
  // On a button, Space presses the button.
  if (press.key === ' ') return focus === 'page' && !press.shift ? 'talk' : undefined;
  if (press.key === '?') return 'help';
  return press.shift ? undefined : SINGLE[letterOf(press)];
}

/** The Latin letter; on a Cyrillic layout the one that is printed on the same key. */
function letterOf(press: KeyPress): string {
  const key = press.key.toLowerCase();
  if (/^[a-z]$/.test(key) || !/^\p{L}$/u.test(key)) return key;
  return /^Key([A-Z])$/.exec(press.code)?.[1]?.toLowerCase() ?? '';
}
