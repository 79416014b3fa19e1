// Starts the portal that `npm run build` made, once its settings are understood: the server
// loads its parts when they are asked for, and would find a wrong setting with its first reader.
try {
  await import('./src/lib/settings.mjs');
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exit(2);
}
// 8080 is where the hub listens.
process.env.PORT ||= '4321';
process.env.HOST ||= 'localhost';
await import('./dist/server/entry.mjs');
