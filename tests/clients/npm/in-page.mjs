// What the clients' scripts have of a page, which `chromium.mjs` opens.
export { default as manifest } from '../../../schema/persisted/apollo.json'

export const { order, WebSocket } = globalThis

export const artifact = async (name) => globalThis.artifacts[name]

export const end = (facts, failure) => globalThis.told({ facts, failure })
