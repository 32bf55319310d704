import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { App } from './App.jsx';
import { LastRun } from './lastRun.js';
import { Session } from './session.js';
import { readLink } from './sharedLink.jsx';

import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './style.css';

setNonce(document.querySelector('meta[name="style-nonce"]').content);

async function loadJson(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

async function start() {
  const root = createRoot(document.getElementById('graphiql'));
  try {
    const [config, examples] = await Promise.all([
      loadJson('/graphiql/config.json'),
      loadJson('/graphiql/examples.json'),
    ]);
    document.title = config.title;
    root.render(
      <App
        config={config}
        examples={examples.examples}
        session={new Session(config)}
        lastRun={new LastRun()}
        link={readLink(location.search)}
      />,
    );
  } catch (error) {
    root.render(
      <p className="start-failed" role="alert">
        GraphiQL could not start: {error.message}. Is the server still running? Reload the page to try again.
      </p>,
    );
  }
}

start();
