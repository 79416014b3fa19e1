import node from '@astrojs/node';
import { defineConfig } from 'astro/config';

export default defineConfig({
  output: 'server',
  adapter: node({ mode: 'standalone' }),
  // Styles in files of their own, so that the content security policy needs no 'unsafe-inline'.
  build: { inlineStylesheets: 'never' },
  // The one form that is posted sets how pages look and checks its sender itself (see
  // pages/preferences.ts); behind a proxy that ends TLS the general check knows the wrong origin.
  security: { checkOrigin: false },
  devToolbar: { enabled: false },
  // Pictures come from the hub as they are.
  image: { service: { entrypoint: 'astro/assets/services/noop' } },
});
