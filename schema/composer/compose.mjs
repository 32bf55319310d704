/**
 * Composes subgraphs into a supergraph: [{name, url, sdl}] as JSON on standard input, {supergraph} or {errors} as
 * JSON on standard output. The rules are the package's; this file only carries texts in and out.
 */
import { text } from 'node:stream/consumers';
import { composeServices } from '@theguild/federation-composition';
import { parse, Source } from 'graphql';

function read({ name, url, sdl }) {
  try {
    return { name, url, typeDefs: parse(new Source(sdl, name)) };
  } catch (error) {
    const line = error.locations?.[0]?.line;
    throw { code: 'INVALID_GRAPHQL', message: `[${name}] ${error.message}${line ? ` (line ${line})` : ''}` };
  }
}

function compose(subgraphs) {
  let services;
  try {
    services = subgraphs.map(read);
  } catch (error) {
    return { errors: [error] };
  }
  const { supergraphSdl, errors } = composeServices(services);
  if (!errors?.length) return { supergraph: supergraphSdl };
  return { errors: errors.map(({ message, extensions }) => ({ code: extensions?.code ?? 'UNKNOWN', message })) };
}

console.log(JSON.stringify(compose(JSON.parse(await text(process.stdin)))));
