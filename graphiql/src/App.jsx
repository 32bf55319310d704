import { DOC_EXPLORER_PLUGIN, DocExplorerContextProvider } from '@graphiql/plugin-doc-explorer';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN, HistoryContextProvider } from '@graphiql/plugin-history';
import { GraphiQLProvider, useEditorContext, usePluginStore } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { Ending } from './Ending.jsx';
import { examplesPlugin } from './examples.jsx';
import { createFetcher } from './fetcher.js';
import { planPlugin } from './plan.jsx';
import { SessionBar } from './SessionBar.jsx';
import { CopyLink } from './sharedLink.jsx';

const WELCOME = `# Pick an operation from the list,
# or write one here.
# Ctrl-Enter runs it,
# Ctrl-Space completes names.

`;

/**
 * The page: who one is, above; GraphiQL with the ready operations as its first panel, below. *link* is the operation
 * that the page's own address names, if it names one.
 */
export function App({ config, examples, session, lastRun, link }) {
  const fetcher = useMemo(() => createFetcher(config, session, lastRun), [config, session, lastRun]);
  const plugins = useMemo(
    () => [
      examplesPlugin(examples, config.hint),
      planPlugin(config, session, lastRun),
      DOC_EXPLORER_PLUGIN,
      explorerPlugin({ showAttribution: false }),
      HISTORY_PLUGIN,
    ],
    [config, examples, session, lastRun],
  );
  const firstPanel = examples.length > 0 && !link && !wasPanelClosed() ? plugins[0] : undefined;
  return (
    <div className="page">
      <SessionBar config={config} session={session} />
      <Ending lastRun={lastRun} />
      <main className="workbench">
        {/* The parts of <GraphiQL>, put together here because it always starts with its panel closed. */}
        <GraphiQLProvider
          fetcher={fetcher}
          plugins={plugins}
          referencePlugin={DOC_EXPLORER_PLUGIN}
          visiblePlugin={firstPanel}
          defaultQuery={WELCOME}
          query={link?.query}
          variables={link?.variables}
          shouldPersistHeaders={false}
        >
          <HistoryContextProvider>
            <DocExplorerContextProvider>
              <Workbench firstPanel={firstPanel} operationName={link?.operationName} lastRun={lastRun} />
            </DocExplorerContextProvider>
          </HistoryContextProvider>
        </GraphiQLProvider>
      </main>
    </div>
  );
}

/** GraphiQL measures its panes once, when it appears: by then the panel must be known to be open. */
function Workbench({ firstPanel, operationName, lastRun }) {
  const isPanelKnown = usePluginStore((store) => store.plugins.length > 0);
  useNamedOperation(operationName);
  useNewestInView(lastRun);
  if (firstPanel && !isPanelKnown) return null;
  return (
    <GraphiQLInterface defaultEditorToolsVisibility="variables" showPersistHeadersSettings={false}>
      <GraphiQL.Logo>
        <span />
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, merge, copy }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <CopyLink />
          </>
        )}
      </GraphiQL.Toolbar>
    </GraphiQLInterface>
  );
}

/** Of several operations in the editor, the one called *name* is run first. */
function useNamedOperation(name) {
  const { queryEditor } = useEditorContext({ nonNull: true });
  useEffect(() => {
    if (queryEditor && name) queryEditor.operationName = name;
  }, [queryEditor, name]);
}

/** On a phone panels stand above the editor and the answer below it: what has just come is brought into view. */
function useNewestInView(lastRun) {
  const hasAnswer = useSyncExternalStore(lastRun.subscribe, () => lastRun.getState()?.results > 0);
  const panel = usePluginStore((store) => store.visiblePlugin);
  useEffect(() => bringIntoView(hasAnswer && '.graphiql-response'), [hasAnswer]);
  useEffect(() => bringIntoView(panel && '.graphiql-plugin'), [panel]);
}

function bringIntoView(selector) {
  if (!selector || !matchMedia('(max-width: 700px)').matches) return;
  document.querySelector(selector)?.scrollIntoView({ block: 'nearest' });
}

/** Whether the reader closed the panel on an earlier visit, as GraphiQL remembers it. */
function wasPanelClosed() {
  return localStorage.getItem('graphiql:docExplorerFlex') === 'hide-first';
}
