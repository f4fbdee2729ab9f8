const REFRESH_MS = 1000;
const NO_SESSION = null;
const LOGIN = `/auth/login?${new URLSearchParams({ returnTo: '/' })}`;
/** Tells the other tabs that the user signed in or out. */
const tabs = new BroadcastChannel('session');
let round = 0;
const element = (id) => document.getElementById(id);

function show(state) {
  document.body.dataset.state = state;
}

/** The session may have ended here while the one at the identity provider goes on: a login then needs no page. */
function logIn() {
  location.replace(LOGIN);
}

/** Each round asks who is signed in before it calls the API, so that a session that has ended makes no failed request. */
async function update() {
  const began = round;
  const me = await read('/me');
  const orders = me?.name && (await read('/api/orders'));
  if (began !== round) return;
  if (me?.name === null) return document.body.dataset.state === 'signed-in' ? logIn() : show('signed-out');
  if (orders === NO_SESSION) return logIn();
  if (me !== undefined) showUser(me);
  if (orders !== undefined) showOrders(orders);
  else notify('Your orders cannot be updated at the moment. Trying again.');
  setTimeout(() => began === round && update(), REFRESH_MS);
}

/** Shows what another tab did, or this one, and leaves the response to an earlier request unused. */
function turnTo(state) {
  round += 1;
  show(state);
}

/** Reads JSON; {@link NO_SESSION} where a login is needed, and `undefined` when there is no response of use now. */
async function read(path) {
  try {
    const response = await fetch(path);
    if (response.status === 401) return NO_SESSION;
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

function showUser({ name, newDashboard }) {
  element('who').textContent = `Signed in as ${name}`;
  element('audience-of-feature').textContent = newDashboard === 'beta' ? 'for beta testers' : '';
  document.body.dataset.dashboard = newDashboard === 'hidden' ? 'hidden' : 'shown';
  if (document.body.dataset.state !== 'signed-in') tabs.postMessage('signed-in');
  show('signed-in');
}

function showOrders({ orders, audience }) {
  element('orders').replaceChildren(...orders.map(({ id, item, state }) => row([id, item, state])));
  element('figures').replaceChildren(
    ...['shipped', 'packed'].flatMap((state) => figure(state, orders.filter((order) => order.state === state).length)),
  );
  notify(`Updated at ${new Date().toLocaleTimeString('en-GB')}, with a token for the ${audience} audience.`);
}

function row(texts) {
  return build('tr', ...texts.map((text) => build('td', text)));
}

function figure(name, count) {
  return [build('div', build('dt', name), build('dd', String(count)))];
}

function build(name, ...children) {
  const built = document.createElement(name);
  built.append(...children);
  return built;
}

function notify(text) {
  element('notice').textContent = text;
}

element('sign-out').addEventListener('submit', () => {
  turnTo('signing-out');
  tabs.postMessage('signed-out');
});
tabs.addEventListener('message', ({ data }) => {
  if (data === 'signed-out') turnTo('signed-out');
  else if (document.body.dataset.state === 'signed-out') update();
});
// A page that comes back from the cache of the back button shows who was signed in when it was left.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
update();
