import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

/**
 * GraphiQL's style sheet carries 17 fonts as data URIs, six times the weight of everything else in it.
 * The page uses the fonts of the reader's system instead.
 */
const withoutFonts = {
  name: 'without-fonts',
  enforce: 'pre',
  transform(code, id) {
    return id.split('?')[0].endsWith('.css') ? { code: code.replace(/@font-face\s*\{[^}]*\}/g, ''), map: null } : undefined;
  },
};

/**
 * Every text file once more as .gz and .br, so that the server never compresses while it answers. Read back from
 * the disk: Vite still edits the chunks after the last hook that sees them in memory.
 */
const precompressed = {
  name: 'precompressed',
  async writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle).filter((file) => /\.(js|css|svg)$/.test(file))) {
      const content = await readFile(join(dir, name));
      await writeFile(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } };
      await writeFile(join(dir, `${name}.br`), brotliCompressSync(content, quality));
    }
  },
};

export default defineConfig({
  base: '/graphiql/',
  plugins: [withoutFonts, precompressed],
  resolve: { dedupe: ['react', 'react-dom', 'graphql', '@graphiql/react'] },
  build: {
    target: 'es2022',
    // Data URIs for small files would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    rolldownOptions: {
      onLog(level, log, report) {
        // Libraries marked for React's server components; a page has no use for the mark.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
});
