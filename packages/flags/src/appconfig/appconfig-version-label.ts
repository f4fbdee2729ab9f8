const CROSSFADE_LABEL = /^crossfade-r(.+)-v\d+$/;

/**
 * Returns the label of a hosted version that Crossfade writes. The label carries the revision, because AppConfig strips
 * all attributes of a disabled flag, and the version number, because labels must be unique in a profile.
 */
export function versionLabel(revision: string, versionNumber: number): string {
  return `crossfade-r${revision}-v${versionNumber}`;
}

/** Returns the revision in a version label; a label that Crossfade did not write counts as a revision itself. */
export function revisionOfLabel(label: string | null): string | null {
  return label === null ? null : (CROSSFADE_LABEL.exec(label)?.[1] ?? label);
}
