import { DOC_EXPLORER_PLUGIN, DocExplorerContextProvider } from '@graphiql/plugin-doc-explorer';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN, HistoryContextProvider } from '@graphiql/plugin-history';
import { GraphiQLProvider, usePluginStore } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useMemo } from 'react';
import { examplesPlugin } from './examples.jsx';
import { createFetcher } from './fetcher.js';
import { SessionBar } from './SessionBar.jsx';

const WELCOME = `# Pick an operation on the left,
# or write one here.
# Ctrl-Enter runs it,
# Ctrl-Space completes names.

`;

/** The page: who one is, above; GraphiQL with the ready operations as its first panel, below. */
export function App({ config, examples, session }) {
  const fetcher = useMemo(() => createFetcher(config.endpoint, session), [config, session]);
  const plugins = useMemo(
    () => [
      examplesPlugin(examples),
      DOC_EXPLORER_PLUGIN,
      explorerPlugin({ showAttribution: false }),
      HISTORY_PLUGIN,
    ],
    [examples],
  );
  const firstPanel = examples.length > 0 && !wasPanelClosed() ? plugins[0] : undefined;
  return (
    <div className="page">
      <SessionBar config={config} session={session} />
      <main className="workbench">
        {/* The parts of <GraphiQL>, put together here because it always starts with its panel closed. */}
        <GraphiQLProvider
          fetcher={fetcher}
          plugins={plugins}
          referencePlugin={DOC_EXPLORER_PLUGIN}
          visiblePlugin={firstPanel}
          defaultQuery={WELCOME}
          shouldPersistHeaders={false}
        >
          <HistoryContextProvider>
            <DocExplorerContextProvider>
              <Workbench firstPanel={firstPanel} />
            </DocExplorerContextProvider>
          </HistoryContextProvider>
        </GraphiQLProvider>
      </main>
    </div>
  );
}

/** GraphiQL measures its panes once, when it appears: by then the panel must be known to be open. */
function Workbench({ firstPanel }) {
  const isPanelKnown = usePluginStore((store) => store.plugins.length > 0);
  if (firstPanel && !isPanelKnown) return null;
  return (
    <GraphiQLInterface defaultEditorToolsVisibility="variables" showPersistHeadersSettings={false}>
      <GraphiQL.Logo>
        <span />
      </GraphiQL.Logo>
    </GraphiQLInterface>
  );
}

/** Whether the reader closed the panel on an earlier visit, as GraphiQL remembers it. */
function wasPanelClosed() {
  return localStorage.getItem('graphiql:docExplorerFlex') === 'hide-first';
}
