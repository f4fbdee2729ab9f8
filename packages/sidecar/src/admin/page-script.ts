/** The script of the page at `/`: reads `/status` every two seconds and says so when it can't. */
export const PAGE_SCRIPT = `
const put = (id, text) => { document.getElementById(id).textContent = text; };
const time = (iso) => iso === null ? 'never' : new Date(iso).toLocaleString();
const show = (status) => {
  const { audiences, issuance, flags } = status;
  const legacy = audiences.legacy.accepted, target = audiences.target.accepted, bridge = audiences.bridge.accepted;
  const total = legacy + target + bridge;
  const share = (count) => total === 0 ? 0 : 100 * count / total;
  put('service', status.service);
  put('migration', status.migration);
  document.title = status.phase + ' - ' + status.service + ' - Crossfade';
  put('phase', status.phase);
  put('switches', 'accepts ' + status.acceptance + ', issues ' + issuance.percent + ' % target');
  document.getElementById('legacy').style.width = share(legacy) + '%';
  document.getElementById('target').style.width = share(target) + '%';
  const mix = total === 0 ? 'No accepted request yet.'
    : legacy + ' legacy (' + share(legacy).toFixed(1) + ' %), ' + target + ' target (' + share(target).toFixed(1) + ' %)'
      + (bridge > 0 ? ', ' + bridge + ' with both' : '');
  put('mix', mix);
  document.getElementById('bar').setAttribute('aria-label', mix);
  put('rejected', Object.values(audiences).reduce((sum, audience) => sum + audience.rejected, 0));
  put('unauthorized', status.validUnauthorized);
  put('after-close', status.afterClose.rejected);
  put('last-legacy', time(audiences.legacy.lastSeenAt));
  put('flags', 'Flags: revision ' + (flags.revision ?? 'unknown') + (flags.stale ? ', stale' : '') + (flags.problem === undefined ? '' : ', ' + flags.problem));
  put('since', time(status.startedAt));
};
const refresh = async () => {
  try {
    const response = await fetch('status');
    if (!response.ok) throw new Error('the sidecar answers ' + response.status);
    show(await response.json());
    put('trouble', '');
  } catch (error) {
    put('trouble', 'These numbers are old: ' + error.message + '.');
  }
  setTimeout(refresh, 2000);
};
refresh();
`;
