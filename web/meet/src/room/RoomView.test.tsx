import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { person, tile } from '../testing/models';
import { renderPage } from '../testing/render';
import { RoomView, type RoomViewProps } from './RoomView';

const me = tile({ identity: 'me', name: 'Ann', isLocal: true });
const bob = tile({ identity: 'bob', name: 'Bob', micOn: false });
const bobScreen = tile({ identity: 'bob', name: 'Bob', kind: 'screen' });
const people = [
  person({ identity: 'me', name: 'Ann', isLocal: true }),
  person({ identity: 'bob', name: 'Bob', micOn: false, sharing: true }),
];

function props(change: Partial<RoomViewProps> = {}): RoomViewProps {
  return {
    room: 'mkt-whsp-ueb',
    startedAt: Date.now(),
    tiles: [me, bob],
    people,
    chat: [],
    unread: 0,
    mainSpeaker: undefined,
    pinned: undefined,
    view: 'grid',
    panel: undefined,
    micOn: true,
    cameraOn: true,
    sharing: false,
    sharingSound: false,
    canShare: true,
    hideSelfView: false,
    singleKeys: true,
    interrupted: false,
    reconnectTries: undefined,
    audioBlocked: false,
    notice: undefined,
    onAction: vi.fn(),
    onPin: vi.fn(),
    onSend: vi.fn(async () => {}),
    onStartAudio: vi.fn(),
    onSettings: vi.fn(),
    onHideSelfView: vi.fn(),
    onDismissNotice: vi.fn(),
    onLeave: vi.fn(),
    ...change,
  };
}

function barLabels(): (string | null)[] {
  const bar = screen.getByRole('toolbar', { name: 'Meeting controls' });
  return within(bar)
    .getAllByRole('button')
    .map((button) => button.getAttribute('aria-label'));
}

describe('the control bar', () => {
  it('has its buttons in the known order', async () => {
    await renderPage(<RoomView {...props()} />);
    expect(barLabels()).toEqual([
      'Mute the microphone',
      'Switch the camera off',
      'Share the screen',
      'Open the chat',
      'Open the list of participants',
      'Show the speaker',
      'More',
      'Leave the meeting',
    ]);
  });

  it('says what a press will do', async () => {
    await renderPage(
      <RoomView {...props({ micOn: false, cameraOn: false, sharing: true, view: 'speaker' })} />,
    );
    expect(barLabels().slice(0, 3)).toEqual([
      'Unmute the microphone',
      'Switch the camera on',
      'Stop sharing the screen',
    ]);
    expect(barLabels()[5]).toBe('Show everybody');
  });

  it('has no share button where the browser cannot share', async () => {
    await renderPage(<RoomView {...props({ canShare: false })} />);
    expect(barLabels()).not.toContain('Share the screen');
  });

  it('counts unread messages in words', async () => {
    await renderPage(<RoomView {...props({ unread: 3 })} />, { language: 'ru' });
    expect(screen.getByLabelText('Открыть чат. 3 непрочитанных сообщения')).toBeTruthy();
  });

  it('reports actions and leaving', async () => {
    const given = props();
    await renderPage(<RoomView {...given} />);
    await userEvent.click(screen.getByLabelText('Mute the microphone'));
    await userEvent.click(screen.getByLabelText('Leave the meeting'));
    expect(given.onAction).toHaveBeenCalledWith('microphone');
    expect(given.onLeave).toHaveBeenCalled();
  });
});

describe('tiles', () => {
  it('tell name and state to a screen reader', async () => {
    const speaker = tile({ identity: 'cy', name: 'Cy', speaking: true });
    await renderPage(<RoomView {...props({ view: 'speaker', tiles: [me, bob, speaker] })} />);
    const names = screen.getAllByRole('figure').map((one) => one.getAttribute('aria-label'));
    expect(names).toEqual(['Bob, muted', 'Ann (you)', 'Cy, speaking']);
  });

  it('can be pinned and let go', async () => {
    const given = props({ pinned: bob.key });
    await renderPage(<RoomView {...given} />);
    await userEvent.click(screen.getByRole('button', { name: 'Unpin Bob' }));
    expect(given.onPin).toHaveBeenCalledWith(undefined);
    await userEvent.click(screen.getByRole('button', { name: 'Pin Ann (you)' }));
    expect(given.onPin).toHaveBeenLastCalledWith(me.key);
  });

  it('put a shared screen on the stage', async () => {
    await renderPage(<RoomView {...props({ tiles: [me, bob, bobScreen] })} />);
    expect(screen.getAllByRole('figure')[0]?.getAttribute('aria-label')).toBe('Screen of Bob');
  });

  it('attach their picture once and let go of it at the end', async () => {
    const letGo = vi.fn();
    const attach = vi.fn(() => letGo);
    const video = { id: 'v', attach };
    const tiles = [tile({ identity: 'bob', name: 'Bob', video })];
    const { show, unmount } = await renderPage(
      <RoomView {...props({ pinned: 'bob:camera', tiles })} />,
    );
    const moved = tiles.map((one) => ({ ...one, speaking: true }));
    show(<RoomView {...props({ pinned: 'bob:camera', tiles: moved })} />);
    expect(attach).toHaveBeenCalledOnce();
    unmount();
    expect(letGo).toHaveBeenCalledOnce();
  });

  it('name the cause of a poor connection', async () => {
    const poor = { ...bob, quality: { level: 'poor', cause: 'loss' } as const };
    await renderPage(<RoomView {...props({ pinned: bob.key, tiles: [me, poor] })} />);
    const bars = screen.getByRole('button', { name: /^Poor connection\. Packets are lost/ });
    expect(within(bars).getByText('Poor connection')).toBeTruthy();
  });
});

describe('what lies over the pictures', () => {
  it('tells of a lost connection and how often it was tried', async () => {
    await renderPage(<RoomView {...props({ interrupted: true, reconnectTries: 3 })} />);
    expect(screen.getByRole('alert').textContent).toContain('Reconnecting, try 3');
  });

  it('says that the own screen is seen and stops it', async () => {
    const given = props({ sharing: true, sharingSound: true });
    await renderPage(<RoomView {...given} />);
    expect(screen.getByText('You are sharing your screen with sound')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(given.onAction).toHaveBeenCalledWith('share');
  });

  it('offers the sound that the browser holds back', async () => {
    const given = props({ audioBlocked: true });
    await renderPage(<RoomView {...given} />);
    await userEvent.click(screen.getByRole('button', { name: 'Tap to hear' }));
    expect(given.onStartAudio).toHaveBeenCalled();
  });

  it('invites when one is alone', async () => {
    await renderPage(<RoomView {...props({ tiles: [me], people: people.slice(0, 1) })} />);
    expect(screen.getByText('You are the only one here')).toBeTruthy();
  });

  it('shows a hint and what to do about it', async () => {
    const given = props({ notice: { kind: 'dead_microphone' } });
    await renderPage(<RoomView {...given} />);
    await userEvent.click(screen.getByRole('button', { name: 'Choose another' }));
    expect(given.onSettings).toHaveBeenCalled();
  });
});

describe('the chat', () => {
  const chat = [
    {
      id: '1',
      from: 'Bob',
      isMine: false,
      text: 'see https://example.org.',
      at: 1_700_000_000_000,
    },
    { id: '2', from: 'Bob', isMine: false, text: '<b>no markup</b>', at: 1_700_000_001_000 },
  ];

  it('makes safe links and shows markup as text', async () => {
    await renderPage(<RoomView {...props({ panel: 'chat', chat })} />);
    const link = screen.getByRole('link', { name: 'https://example.org' });
    expect(link.getAttribute('rel')).toContain('noopener');
    expect(link.getAttribute('target')).toBe('_blank');
    expect(screen.getByText('<b>no markup</b>')).toBeTruthy();
  });

  it('puts messages in quick succession under one name', async () => {
    await renderPage(<RoomView {...props({ panel: 'chat', chat })} />);
    expect(document.querySelectorAll('time')).toHaveLength(1);
  });

  it('sends with Enter and breaks the line with Shift+Enter', async () => {
    const given = props({ panel: 'chat' });
    await renderPage(<RoomView {...given} />);
    const field = screen.getByLabelText('Write a message');
    expect(document.activeElement).toBe(field);
    await userEvent.type(field, 'one{Shift>}{Enter}{/Shift}two{Enter}');
    expect(given.onSend).toHaveBeenCalledWith('one\ntwo');
    expect((field as HTMLTextAreaElement).value).toBe('');
  });

  it('sends nothing that is empty or too long', async () => {
    const given = props({ panel: 'chat' });
    await renderPage(<RoomView {...given} />);
    const field = screen.getByLabelText('Write a message');
    await userEvent.type(field, '  {Enter}');
    fireEvent.change(field, { target: { value: 'x'.repeat(2001) } });
    await userEvent.type(field, '{Enter}');
    expect(given.onSend).not.toHaveBeenCalled();
    expect(screen.getByText('A message has at most 2000 characters.')).toBeTruthy();
  });

  it('gives a message back that could not be sent', async () => {
    const given = props({ panel: 'chat', onSend: () => Promise.reject(new Error('offline')) });
    await renderPage(<RoomView {...given} />);
    const field = screen.getByLabelText<HTMLTextAreaElement>('Write a message');
    await userEvent.type(field, 'hello{Enter}');
    expect(await screen.findByText(/was not sent/)).toBeTruthy();
    expect(field.value).toBe('hello');
  });
});

describe('the participants', () => {
  it('are listed with their states in words', async () => {
    await renderPage(<RoomView {...props({ panel: 'participants' })} />);
    const [first, second] = screen.getAllByRole('listitem');
    expect(screen.getByText('2 participants')).toBeTruthy();
    expect(first?.textContent).toContain('Ann (you)');
    expect(first?.textContent).toContain('Microphone on');
    expect(second?.textContent).toContain('Microphone off');
    expect(second?.textContent).toContain('Shares the screen');
  });
});
