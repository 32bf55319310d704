// What graphql-codegen makes of the operations that the product ships: a typed document for each, under its id.
import { readFileSync } from 'node:fs'
import { parse } from 'graphql'

const manifest = JSON.parse(readFileSync('../../schema/persisted/apollo.json', 'utf8'))
const ids = new Map(manifest.operations.map(({ name, id }) => [name, id]))

/** The id under which the product serves a document: by its name, for the generator orders the text in its own way. */
function idOf(text) {
  const { name } = parse(text).definitions.find(({ kind }) => kind === 'OperationDefinition')
  if (!ids.has(name.value)) throw new Error(`${name.value} is in no manifest; \`make operations\` writes them anew`)
  return ids.get(name.value)
}

export default {
  schema: 'schema.graphqls',
  documents: '../../schema/operations/**/*.graphql',
  generates: {
    'src/graphql/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { mode: 'embedHashInDocument', hashPropertyName: 'id', hashAlgorithm: idOf },
      },
      config: {
        namingConvention: 'keep', // `CPR`, as in the graph
        useTypeImports: true,
        importExtension: '.js',
        emitLegacyCommonJSImports: false,
        // The documents of this manifest ask for `__typename` wherever something is selected, but not at the root.
        nonOptionalTypename: true,
        skipTypeNameForRoot: true,
        // All of them are texts, as on the wire: a `Decimal` that became a number would be a float.
        strictScalars: true,
        scalars: { ID: 'string', Decimal: 'string', Date: 'string', DateTime: 'string' },
      },
    },
    'src/graphql/possible-types.ts': { plugins: ['fragment-matcher'], config: { useExplicitTyping: true } },
  },
}
