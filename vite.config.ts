import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The boards' bundle: relative addresses, nothing inlined, nothing fetched from anywhere else. */
export default defineConfig({
  root: 'viz',
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/viz',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome120', 'firefox128', 'safari17'],
    // Fonts and images stay files: a strict content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: { index: 'viz/index.html', codes: 'viz/codes.html' },
      output: {
        // Libraries change less often than the boards: they stay in a browser's cache over an update.
        codeSplitting: {
          groups: [
            { name: 'maplibre', test: /node_modules[\\/]maplibre-gl/ },
            { name: 'deck', test: /node_modules[\\/]@(deck|luma|loaders|math|probe)\.gl/ },
            { name: 'h3', test: /node_modules[\\/]h3-js/ },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
});
