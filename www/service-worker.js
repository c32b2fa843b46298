// Keeps the page's own files, so that it opens and works without a connection.
//
// `cargo xtask build` writes the files of a version over the list below, each with its hash. A version's files are fetched,
// checked and kept together, or not at all. A new version waits until its person asks for it or no tab is left; tabs that
// still run an older one find its files for as long as they are open. Nothing but the listed files is touched: models from
// elsewhere are the page's own business.

/** The page's files, by their paths below this script, with their hashes as of Subresource Integrity. */
const FILES = {};
/** Changes with every file. */
const VERSION = "";

const SCOPE = self.registration.scope;
/** Begins the names of all our caches; another copy of the page on this host has another scope. */
const OURS = `concord ${SCOPE} `;
const CACHE = OURS + VERSION;

self.addEventListener("install", (event) => event.waitUntil(keepFiles()));

self.addEventListener("activate", (event) => event.waitUntil(begin()));

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  // A part of a file is asked for by who keeps models.
  if (request.method !== "GET" || request.headers.has("range") || !request.url.startsWith(SCOPE)) return;
  const path = pathOf(request);
  // An older version's programs have their hashes in their names.
  if (!Object.hasOwn(FILES, path) && !/\.(js|wasm|css)$/.test(path)) return;
  if (request.mode === "navigate") event.waitUntil(dropCachesOfNobody());
  event.respondWith(answer(request, path));
});

async function begin() {
  // Other tabs may still run the version before this one.
  if ((await openTabs()).length < 2) await dropOldCaches();
  // The page of a first visit came without us.
  await self.clients.claim();
}

/** The path below the scope: without a query, and `index.html` under its short name. */
function pathOf(request) {
  const path = request.url.slice(SCOPE.length).split(/[?#]/)[0];
  return path === "index.html" ? "" : path;
}

async function answer(request, path) {
  const names = Object.hasOwn(FILES, path) ? [CACHE] : await ourCaches();
  return await keptIn(names, SCOPE + path) ?? fetch(request);
}

async function keptIn(names, url) {
  for (const name of names) {
    const kept = await (await caches.open(name)).match(url);
    if (kept) return kept;
  }
  return undefined;
}

/** Fetches what this version has and no older one had; a file that is not the one of the list stops it. */
async function keepFiles() {
  const cache = await caches.open(CACHE);
  try {
    for (const [path, integrity] of Object.entries(FILES)) {
      const url = SCOPE + path;
      await cache.put(url, await unchanged(url, integrity) ?? await fetched(url, integrity));
    }
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** A file of an older version, if it is still the same. */
async function unchanged(url, integrity) {
  const kept = await keptIn((await ourCaches()).filter((name) => name !== CACHE), url);
  if (!kept) return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await kept.clone().arrayBuffer()));
  return `sha256-${btoa(String.fromCharCode(...hash))}` === integrity ? kept : undefined;
}

/** From the browser's own cache where it has the right one, else from the server. */
async function fetched(url, integrity) {
  const response = await fetch(url, { integrity }).catch(() => fetch(url, { integrity, cache: "reload" }));
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  return response;
}

async function ourCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(OURS));
}

async function dropOldCaches() {
  const old = (await ourCaches()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** When the first tab opens, nobody runs an older version. The files of a version that waits stay. */
async function dropCachesOfNobody() {
  const { installing, waiting } = self.registration;
  if (!installing && !waiting && (await openTabs()).length === 0) await dropOldCaches();
}

function openTabs() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}
