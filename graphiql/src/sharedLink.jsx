import { ToolbarButton, useEditorContext } from '@graphiql/react';
import { useState } from 'react';

/** The operation that *search*, the query string of the page's address, names; null if it names none. */
export function readLink(search) {
  const parameters = new URLSearchParams(search);
  const query = parameters.get('query');
  if (!query) return null;
  return {
    query,
    variables: parameters.get('variables') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
  };
}

/** Puts what the editor holds into the page's address, from where it can be shared, and into the clipboard. */
export function CopyLink() {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const [said, setSaid] = useState('Copy a link to this operation');

  async function copy() {
    const parameters = new URLSearchParams({ query: queryEditor.getValue() });
    if (variableEditor?.getValue().trim()) parameters.set('variables', variableEditor.getValue());
    if (queryEditor.operations?.length > 1) parameters.set('operationName', queryEditor.operationName);
    history.replaceState(null, '', `?${parameters}`);
    // Without a clipboard (a page at plain HTTP from another machine has none) the address is there to copy.
    await navigator.clipboard?.writeText(location.href).catch(() => {});
    setSaid('The link is in the address bar, and copied');
  }

  return (
    <ToolbarButton label={said} onClick={copy}>
      <LinkIcon className="graphiql-toolbar-icon" />
    </ToolbarButton>
  );
}

function LinkIcon(props) {
  return (
    <svg width="1em" height="1em" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" {...props}>
      <path d="M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.6-2.6a2.6 2.6 0 1 0-3.7-3.7l-.9.9" strokeLinecap="round" />
      <path d="M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 1 0 3.7 3.7l.9-.9" strokeLinecap="round" />
    </svg>
  );
}
