/** How the browsers of Debian are started: without a screen, with cameras and microphones that are not real. */

import { chromium, type LaunchOptions } from 'playwright-core';
import puppeteer, { type Browser as Firefox } from 'puppeteer-core';

const CHROMIUM_FLAGS = [
  // The tests run as root, where Chromium's sandbox does not.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--auto-select-desktop-capture-source=Entire screen',
  '--autoplay-policy=no-user-gesture-required',
];

export const CHROMIUM: LaunchOptions = {
  executablePath: process.env.VIS_CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: CHROMIUM_FLAGS,
};

/** One Chromium for all test files; they connect to its address. */
export async function serveChromium() {
  return chromium.launchServer({ ...CHROMIUM, host: '127.0.0.1' });
}

/** What the microphone of Firefox sounds like: without a sound card it makes no tones for us. */
export const FIREFOX_HERTZ = 880;

export async function launchFirefox(): Promise<Firefox> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.VIS_FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    timeout: 60_000,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.audio.fake_frequency': FIREFOX_HERTZ,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      // No plug-in and no list is fetched from anywhere.
      'media.gmp-manager.url': '',
      'browser.safebrowsing.downloads.remote.enabled': false,
    },
  });
}
