// Shows the notices of the site as they come and go, without the page being loaded anew. What they
// look like is for the server to say (live/notices); which are shown, its events (live). Without
// this script they are there as of when the page was loaded.
const banner = document.getElementById('banner');

// Until the server is called again, at first and at most, in milliseconds.
const FIRST = 1_000;
const MOST = 60_000;

let source;
let timer;
let pause = FIRST;

function open() {
  close();
  source = new EventSource(`/live?seen=${encodeURIComponent(banner.dataset.version)}`);
  source.addEventListener('open', () => {
    pause = FIRST;
  });
  source.addEventListener('notices', ({ data }) => {
    // Everybody hears of it at once; they need not all come back in the same moment.
    clearTimeout(timer);
    if (data !== banner.dataset.version) timer = setTimeout(show, Math.random() * 500);
  });
  // The browser comes back by itself, but at the same pace for ever, and not at all after a refusal.
  source.addEventListener('error', later);
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = undefined;
}

function later() {
  close();
  if (document.hidden) return;
  timer = setTimeout(open, pause * (0.5 + Math.random() / 2));
  pause = Math.min(pause * 2, MOST);
}

async function show() {
  try {
    const answer = await fetch(`/live/notices?language=${banner.dataset.language}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.getElementById('banner');
    for (const region of banner.children) {
      put(region, now.querySelector(`[role="${region.getAttribute('role')}"]`));
    }
    banner.dataset.version = now.dataset.version;
  } catch {
    later();
  }
}

// What stays is not touched: it is not read out again, and nobody's place in it is lost.
function put(region, now) {
  const there = new Map([...region.children].map((notice) => [notice.dataset.key, notice]));
  const wanted = [...now.children].map((notice) => there.get(notice.dataset.key) ?? document.importNode(notice, true));
  for (const notice of [...region.children]) {
    if (!wanted.includes(notice)) notice.remove();
  }
  wanted.forEach((notice, place) => {
    if (region.children[place] !== notice) region.insertBefore(notice, region.children[place] ?? null);
  });
}

// Pages that nobody looks at hold no connection; what they missed they are told when they are seen.
function look() {
  if (document.hidden) close();
  else open();
}

if (banner) {
  document.addEventListener('visibilitychange', look);
  // A page that the browser keeps for the way back, too.
  addEventListener('pagehide', close);
  addEventListener('pageshow', ({ persisted }) => persisted && look());
  look();
}
