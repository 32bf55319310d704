// What @graphql-eslint has to say of the operations. ESLint is run in the folder above them, with this file.
import graphql from '@graphql-eslint/eslint-plugin'

const folder = import.meta.dirname

export default [
  {
    files: ['schema/operations/**/*.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: {
        graphQLConfig: {
          schema: `${folder}/schema.graphqls`,
          documents: `${folder}/../../schema/operations/**/*.graphql`,
        },
      },
    },
    plugins: { '@graphql-eslint': graphql },
    rules: graphql.configs['flat/operations-recommended'].rules,
  },
]
