import { UpgradeRefused } from './signal_client.js';

/** The HTTP response with which the server refused an upgrade. */
export async function refusal(attempt: Promise<unknown>): Promise<UpgradeRefused> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof UpgradeRefused) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
