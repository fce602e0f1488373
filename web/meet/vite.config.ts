import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  cacheDir: '../node_modules/.vite/meet',
  // The Visavis server answers tokens and signalling; `npm run dev` borrows a running one.
  server: {
    proxy: {
      '/v1': 'http://127.0.0.1:7880',
      '/rtc': { target: 'http://127.0.0.1:7880', ws: true },
    },
  },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    // The server's policy allows no data: fonts and no inline script, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        // By far the largest library changes the least: it keeps its name between our releases.
        manualChunks: (id) => (/node_modules\/livekit-client\//.test(id) ? 'livekit' : undefined),
      },
    },
  },
});
