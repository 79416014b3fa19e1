// Writes src/generated: the types of every question in src/queries, checked against the
// committed schema. A question that does not fit the schema fails the build here. It drives
// the client preset itself, since the command-line tool of graphql-codegen brings along three
// hundred packages for loaders that are not used.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import { preset } from '@graphql-codegen/client-preset';
import { buildSchema, parse } from 'graphql';

const queries = new URL('src/queries/', import.meta.url);
const generated = new URL('src/generated/', import.meta.url);
const sdl = new URL('../../schema/content.graphql', import.meta.url);

const schemaAst = buildSchema(await readFile(sdl, 'utf8'));
const names = (await readdir(queries)).filter((name) => name.endsWith('.graphql')).sort();
const documents = await Promise.all(
  names.map(async (name) => {
    const text = await readFile(new URL(name, queries), 'utf8');
    return { location: `src/queries/${name}`, rawSDL: text, document: parse(text, { noLocation: true }) };
  }),
);

const sections = await preset.buildGeneratesSection({
  baseOutputDir: 'src/generated/',
  schema: parse(await readFile(sdl, 'utf8')),
  schemaAst,
  documents,
  plugins: [],
  pluginMap: {},
  config: {
    documentMode: 'string',
    enumsAsTypes: true,
    skipTypename: true,
    useTypeImports: true,
    avoidOptionals: { field: true, inputValue: false, object: false },
    onlyOperationTypes: true,
    scalars: { DateTime: 'string', Date: 'string', Decimal: 'string', Long: 'number', JSON: 'unknown' },
  },
  presetConfig: { fragmentMasking: false },
  profiler: { run: (work) => work(), collect: () => [] },
});

// Of what the preset offers, only types and documents are of use here; the rest serves questions
// that are written inside of components.
const section = sections.find(({ filename }) => filename.endsWith('/graphql.ts'));
const text = await codegen(section);
await rm(generated, { recursive: true, force: true });
await mkdir(generated, { recursive: true });
await writeFile(new URL('graphql.ts', generated), text);
