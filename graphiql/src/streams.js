/** Bodies that come bit by bit, as what they are made of. */

/** Server-sent events of *body* as {event, data}; comments, which only keep the connection awake, are dropped. */
export async function* events(body) {
  for await (const block of blocks(body, /\r?\n\r?\n/)) yield parseEvent(block);
}

function parseEvent(block) {
  const parsed = { event: 'message', data: '' };
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (field === 'event') parsed.event = value;
    if (field === 'data') parsed.data += value;
  }
  return parsed;
}

/** The JSON documents of *body*, which is `multipart/mixed` with the boundary `-`, as incremental delivery has it. */
export async function* parts(body) {
  for await (const block of blocks(body, /\r\n---/)) {
    const [, document] = /\r\n\r\n(.*)$/s.exec(block) ?? [];
    if (document) yield JSON.parse(document);
  }
}

/** What of *body* stands before each *mark*, as soon as that has come. */
async function* blocks(body, mark) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffered += value;
    const whole = buffered.split(mark);
    buffered = whole.pop();
    yield* whole;
  }
}
