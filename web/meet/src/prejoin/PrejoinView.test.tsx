import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { MediaSide } from '../platform/local-media';
import { DEFAULT_SETTINGS } from '../platform/settings';
import { renderPage } from '../testing/render';
import { PrejoinView, type PrejoinViewProps } from './PrejoinView';

const NOTHING: MediaSide = { on: true, track: undefined, problem: undefined };
const DEVICES = {
  microphones: [
    { id: 'm1', label: 'Built-in' },
    { id: 'm2', label: '' },
  ],
  cameras: [],
  speakers: [{ id: 's1', label: 'Headset' }],
};

function props(change: Partial<PrejoinViewProps> = {}): PrejoinViewProps {
  return {
    room: 'mkt-whsp-ueb',
    settings: { ...DEFAULT_SETTINGS, name: 'Ann' },
    media: { asking: false, unanswered: false, audio: NOTHING, video: NOTHING },
    devices: DEVICES,
    speakerChoice: true,
    family: 'firefox',
    joining: false,
    problem: undefined,
    elsewhere: false,
    onSettings: vi.fn(),
    onToggle: vi.fn(),
    onChooseDevice: vi.fn(),
    onRetry: vi.fn(),
    onJoin: vi.fn(),
    onMoveHere: vi.fn(),
    ...change,
  };
}

describe('PrejoinView', () => {
  it('joins with the remembered name', async () => {
    const given = props();
    await renderPage(<PrejoinView {...given} />);
    await userEvent.click(screen.getByRole('button', { name: 'Join now' }));
    expect(given.onJoin).toHaveBeenCalledWith('with_devices');
  });

  it('asks for a name before it joins', async () => {
    const given = props({ settings: DEFAULT_SETTINGS });
    await renderPage(<PrejoinView {...given} />);
    await userEvent.click(screen.getByRole('button', { name: 'Join now' }));
    expect(given.onJoin).not.toHaveBeenCalled();
    expect(screen.getByText(/Type your name/)).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('Your name'));
  });

  it('tells that the browser is asking', async () => {
    const media = { ...props().media, asking: true };
    await renderPage(<PrejoinView {...props({ media })} />);
    expect(screen.getByText('Allow camera and microphone')).toBeTruthy();
  });

  it('helps when the question was not seen, and lets one in without devices', async () => {
    const media = { ...props().media, asking: true, unanswered: true };
    const given = props({ media });
    await renderPage(<PrejoinView {...given} />);
    expect(screen.getByText(/camera or microphone icon to the left of the address/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Join without devices' }));
    expect(given.onJoin).toHaveBeenCalledWith('without_devices');
  });

  it('explains a block in the words of the browser and tries again', async () => {
    const blocked = { ...NOTHING, problem: 'blocked' } as const;
    const media = { ...props().media, audio: blocked, video: blocked };
    const given = props({ media, family: 'safari_ios' });
    await renderPage(<PrejoinView {...given} />);
    expect(screen.getByText('The microphone is blocked for this site.')).toBeTruthy();
    expect(screen.getByText('The camera is blocked for this site.')).toBeTruthy();
    expect(screen.getByText(/Website settings/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(given.onRetry).toHaveBeenCalled();
  });

  it('gives no steps about permission for a camera that is busy', async () => {
    const media = { ...props().media, video: { ...NOTHING, problem: 'busy' as const } };
    await renderPage(<PrejoinView {...props({ media })} />);
    expect(screen.getByText(/Another program may be using it/)).toBeTruthy();
    expect(screen.queryByText(/to the left of the address/)).toBeNull();
  });

  it('names devices that have no name and says when there are none', async () => {
    await renderPage(<PrejoinView {...props()} />);
    expect(screen.getByRole('option', { name: 'Microphone 2' })).toBeTruthy();
    expect(screen.getByLabelText<HTMLSelectElement>('Camera').disabled).toBe(true);
  });

  it('chooses a device', async () => {
    const given = props();
    await renderPage(<PrejoinView {...given} />);
    await userEvent.selectOptions(screen.getByLabelText('Microphone'), 'm2');
    expect(given.onChooseDevice).toHaveBeenCalledWith('audio', 'm2');
  });

  it('says in words why one could not join', async () => {
    await renderPage(<PrejoinView {...props({ problem: 'room_full' })} />, { language: 'ru' });
    expect(screen.getByText(/больше нет мест/)).toBeTruthy();
  });

  it('offers to move the meeting from another tab', async () => {
    const given = props({ elsewhere: true });
    await renderPage(<PrejoinView {...given} />);
    await userEvent.click(screen.getByRole('button', { name: 'Move it here' }));
    expect(given.onMoveHere).toHaveBeenCalled();
    expect(screen.queryByRole('button', { name: 'Join now' })).toBeNull();
  });
});
