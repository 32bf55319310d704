import { useSyncExternalStore } from 'react';

/** Why the stream that ran last has ended, as soon as it has. */
export function Ending({ lastRun }) {
  const run = useSyncExternalStore(lastRun.subscribe, lastRun.getState);
  if (!run?.ending) return null;
  const { ending, results, operationName } = run;
  const said = ending.replace(/\.$/, '');
  return (
    <p className="ending" role="status">
      {operationName && `${operationName}: `}
      {said}, after {results} {results === 1 ? 'result' : 'results'}.
    </p>
  );
}
