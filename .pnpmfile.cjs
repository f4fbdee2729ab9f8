/** The export condition with which this repository's tests import sources. A tarball has no sources. */
const SOURCE_CONDITION = '@crossfade/source';

/** Leaves the source condition out of the manifest that `pnpm pack` and `pnpm publish` write. */
const beforePacking = (manifest) =>
  JSON.parse(JSON.stringify(manifest), (key, value) => (key === SOURCE_CONDITION ? undefined : value));

module.exports = { hooks: { beforePacking } };
