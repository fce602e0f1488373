import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { renderPage } from '../testing/render';
import type { Participant, RoomDetails, RoomSummary, Worker } from './api';
import DebugPage from './DebugPage';

const ROOM: RoomSummary = {
  sid: 'RM_1',
  name: 'weekly talk',
  created_at: '2026-11-22T05:00:00Z',
  participant_count: 2,
  publisher_count: 1,
  received_kbps: 1500,
  sent_kbps: 1400,
};
const ANN: Participant = {
  sid: 'PA_1',
  identity: 'ann',
  name: 'Ann',
  connected: true,
  quality: 'good',
  cause: 'uplink_loss',
  transport: 'turn',
  score: 70,
  received_kbps: 1500,
  sent_kbps: 0,
  wanted_kbps: 900,
  granted_kbps: 300,
  available_kbps: null,
  round_trip_ms: 40,
  jitter_ms: 3,
  uplink_loss: 0.05,
  downlink_loss: 0,
  tracks: [
    {
      sid: 'TR_1',
      kind: 'video',
      source: 'camera',
      codec: 'video/vp8',
      muted: false,
      width: 1280,
      height: 720,
      layers: [
        {
          index: 0,
          active: true,
          kbps: 150,
          frames_per_second: 25,
          loss: 0.05,
          jitter_ms: 3,
          packets_lost: 9,
          key_frames: 2,
          nacks: 9,
          key_frame_requests: 1,
        },
      ],
    },
  ],
  subscriptions: [
    {
      track: 'TR_2',
      publisher: 'bob-1234',
      layer: null,
      packets: 10,
      packets_retransmitted: 0,
      nacks: 0,
      key_frame_requests: 0,
      loss: 0,
    },
  ],
  series: { received_kbps: [1000, 1500] },
};
const BOB: Participant = {
  ...ANN,
  sid: 'PA_2',
  identity: 'bob-1234',
  name: 'Bob',
  cause: 'bandwidth',
  tracks: ANN.tracks.map((track) => ({ ...track, sid: 'TR_2', source: 'screen_share' })),
  subscriptions: [],
};
const WORKER: Worker = {
  index: 0,
  port: 7882,
  segmentation_offload: true,
  cpu_share: 0.2,
  packets_in_per_s: 10,
  packets_out_per_s: 90,
  queued: 0,
  series: { cpu_share: [0.1, 0.2] },
};

let answers: Record<string, unknown>;
let asked: Headers[];

beforeEach(() => {
  window.history.replaceState(null, '', '/portal/debug');
  answers = { '/v1/rooms': { rooms: [ROOM] }, '/v1/workers': { workers: [WORKER] } };
  asked = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(new Headers(init.headers));
    const answer = answers[path];
    if (answer === undefined) return new Response('{}', { status: 404 });
    if (typeof answer === 'number') return new Response('{}', { status: answer });
    return Response.json(answer);
  });
});
afterEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

async function signIn() {
  const user = userEvent.setup();
  await renderPage(<DebugPage />);
  await user.type(screen.getByLabelText('API key'), 'devkey');
  await user.type(screen.getByLabelText('API secret'), 'sëcret');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  return user;
}

it('shows the rooms and the workers after signing in', async () => {
  await signIn();
  const row = (await screen.findByRole('link', { name: 'weekly talk' })).closest('tr');
  expect(within(row as HTMLElement).getByText('1.5 Mbit/s')).toBeTruthy();
  expect(await screen.findByText('Worker on port 7882')).toBeTruthy();
  expect(screen.getByText('20%')).toBeTruthy();
  // RFC 7617 with UTF-8.
  expect(asked[0]?.get('Authorization')).toBe('Basic ZGV2a2V5OnPDq2NyZXQ=');
});

it('says that the key is wrong, and keeps nothing', async () => {
  answers['/v1/rooms'] = 401;
  await signIn();
  expect((await screen.findByRole('alert')).textContent).toBe('The key or the secret is wrong.');
  expect(sessionStorage.length).toBe(0);
});

it('says when no room is open', async () => {
  answers['/v1/rooms'] = { rooms: [] };
  await signIn();
  expect(await screen.findByText('No room is open at the moment.', { exact: false })).toBeTruthy();
});

it('shows somebody with tracks, layers and what is wrong', async () => {
  answers['/v1/rooms/weekly%20talk'] = { ...ROOM, participants: [ANN, BOB] } satisfies RoomDetails;
  answers['/v1/rooms/weekly%20talk/participants/ann'] = ANN;
  const user = await signIn();
  await user.click(await screen.findByRole('link', { name: 'weekly talk' }));
  const summary = (await screen.findByText('Ann')).closest('summary') as HTMLElement;
  expect(summary.textContent).toContain('Good · packets from them are lost');
  expect(summary.textContent).toContain('by TURN');
  expect(summary.textContent).toContain('40 ms');
  expect(summary.textContent).toContain('900 kbit/s');
  expect(screen.getByText(/there is less room than they ask for/)).toBeTruthy();
  const details = summary.parentElement as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event('toggle'));
  const row = (await screen.findByText('Camera')).closest('tr') as HTMLElement;
  expect(row.textContent).toContain('vp8');
  expect(row.textContent).toContain('150 kbit/s');
  // What is not forwarded, by the name of the person and of the source.
  const received = within(screen.getByRole('table', { name: 'What they receive' }));
  expect(received.getByRole('row', { name: /Bob Screen off/ })).toBeTruthy();
});

it('keeps what it knew, and says so, when the server does not answer', async () => {
  answers['/v1/workers'] = 503;
  await signIn();
  expect(await screen.findByRole('link', { name: 'weekly talk' })).toBeTruthy();
  const alert = await screen.findByRole('alert', {}, { timeout: 10_000 });
  expect(alert.textContent).toContain('The server does not answer.');
});

it('forgets the key at signing out', async () => {
  const user = await signIn();
  await screen.findByRole('link', { name: 'weekly talk' });
  expect(sessionStorage.length).toBe(1);
  await user.click(screen.getByRole('button', { name: 'Sign out' }));
  expect(screen.getByLabelText('API key')).toBeTruthy();
  expect(sessionStorage.length).toBe(0);
});
